using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Quorate.Grpc.Tests;

/// <summary>What goes over the wire, seen by an HTTP/2 client that knows nothing of gRPC.</summary>
public sealed class WireTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private TestPort _port = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _port = await TestPort.StartAsync(options => options with { MaxReceiveBytes = 1000 });

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _port.DisposeAsync();
    }

    [Fact]
    public async Task A_good_answer_has_its_status_in_the_trailers()
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, Frame("hello"));
        byte[] body = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal(Frame("hello"), body);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.False(response.Headers.Contains("grpc-status"));
    }

    [Fact]
    public async Task An_error_is_headers_alone()
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Fail, Frame("50 %"));
        Assert.Equal(("11", "50 %25"), await StatusAsync(response));
        Assert.True(response.Headers.Contains("grpc-status"));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [InlineData("/test.Echo/Nothing", "unknown method Nothing for service test.Echo")]
    [InlineData("/test.Nothing/Unary", "unknown service test.Nothing")]
    [InlineData("/nothing", "malformed method name: \"/nothing\"")]
    public async Task What_is_not_there_is_unimplemented(string path, string message)
    {
        using HttpResponseMessage response = await PostAsync(path, Frame("x"));
        Assert.Equal(("12", message), await StatusAsync(response));
    }

    [Fact]
    public async Task A_message_above_the_limit_is_refused_in_the_words_of_grpc_go()
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, Frame(new string('x', 1200)));
        Assert.Equal(("8", "grpc: received message larger than max (1203 vs. 1000)"), await StatusAsync(response));
    }

    [Fact]
    public async Task A_gzipped_message_is_understood()
    {
        byte[] body = Compressed(new StringValue { Value = "folded" });
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, body, request => request.Headers.Add("grpc-encoding", "gzip"));
        Assert.Equal(Frame("folded"), await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("0", (await StatusAsync(response)).Code);
    }

    [Fact]
    public async Task A_small_message_that_unfolds_above_the_limit_is_refused()
    {
        byte[] body = Compressed(new StringValue { Value = new string('x', 100_000) });
        Assert.InRange(body.Length, 1, 900);
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, body, request => request.Headers.Add("grpc-encoding", "gzip"));
        Assert.Equal(("8", "grpc: message after decompression larger than max 1000"), await StatusAsync(response));
    }

    [Fact]
    public async Task An_unknown_encoding_is_refused_with_those_that_are_known()
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, Frame("x"), request => request.Headers.Add("grpc-encoding", "snappy"));
        Assert.Equal(("12", "grpc: Decompressor is not installed for grpc-encoding \"snappy\""), await StatusAsync(response));
        Assert.Equal("identity,gzip", Assert.Single(response.Headers.GetValues("grpc-accept-encoding")));
    }

    public static TheoryData<byte[], string> Malformed => new()
    {
        { [], "cardinality violation: received no request message from non-client-streaming RPC" },
        { [0, 0], "unexpected EOF" },
        { [0, 0, 0, 0, 9, 1], "unexpected EOF" },
        { [7, 0, 0, 0, 0], "grpc: received unexpected payload format 7" },
        { [1, 0, 0, 0, 0], "grpc: compressed flag set with identity or empty encoding" },
        { [.. Frame("a"), .. Frame("b")], "cardinality violation: received multiple request messages for non-client-streaming RPC" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_body_is_an_internal_error_that_says_why(byte[] body, string message)
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, body);
        Assert.Equal(("13", message), await StatusAsync(response));
    }

    [Fact]
    public async Task A_frame_that_is_no_protobuf_is_an_internal_error()
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, [0, 0, 0, 0, 2, 0xff, 0xff]);
        (string code, string message) = await StatusAsync(response);
        Assert.Equal("13", code);
        Assert.StartsWith("grpc: error unmarshalling request: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_in_pieces_is_put_together()
    {
        using HttpResponseMessage response = await SendAsync(TestPort.Echo, new PiecewiseContent(Frame("piece by piece")));
        Assert.Equal(Frame("piece by piece"), await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [InlineData("5x")]
    [InlineData("m")]
    [InlineData("-1m")]
    [InlineData("123456789S")]
    public async Task A_malformed_timeout_is_refused(string timeout)
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, Frame("x"), request => request.Headers.TryAddWithoutValidation("grpc-timeout", timeout));
        Assert.Equal(("13", $"malformed grpc-timeout: {timeout}"), await StatusAsync(response));
    }

    [Theory]
    [InlineData("1n")]
    [InlineData("500u")]
    [InlineData("30m")]
    public async Task The_server_keeps_the_deadline_by_itself(string timeout)
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Wait, Frame("x"), request => request.Headers.Add("grpc-timeout", timeout));
        Assert.Equal(("4", "context deadline exceeded"), await StatusAsync(response));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc+json")]
    public async Task A_wrong_content_type_on_a_method_is_415(string contentType)
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, Frame("x"), request => request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task Variants_of_the_content_type_are_taken(string contentType)
    {
        using HttpResponseMessage response = await PostAsync(TestPort.Echo, Frame("x"), request => request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType));
        Assert.Equal("0", (await StatusAsync(response)).Code);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Pages_are_served_to_both_versions_of_http_on_the_same_port(string version)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(_port.Address, "/health"))
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage response = await _client.SendAsync(request, Token);
        Assert.Equal($"HTTP/{(version == "2.0" ? "2" : version)} /health", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Grpc_over_http_1_is_refused()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(_port.Address, TestPort.Echo)) { Content = new ByteArrayContent(Frame("x")) };
        request.Content.Headers.Add("content-type", "application/grpc");
        using HttpResponseMessage response = await _client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.HttpVersionNotSupported, response.StatusCode);
    }

    [Fact]
    public async Task Calls_are_counted_by_their_outcome()
    {
        (await PostAsync(TestPort.Echo, Frame("x"))).Dispose();
        (await PostAsync(TestPort.Fail, Frame("x"))).Dispose();
        MethodCount echo = Assert.Single(_port.Map.Count(), count => count is { Service: "test.Echo", Method: "Unary" });
        MethodCount fail = Assert.Single(_port.Map.Count(), count => count is { Service: "test.Echo", Method: "Fail" });
        Assert.Equal((1, 1, "unary"), (echo.Started, echo.Handled[(int)StatusCode.OK], echo.Type));
        Assert.Equal((1, 1), (fail.Started, fail.Handled[(int)StatusCode.OutOfRange]));
        Assert.Equal(16, _port.Port.ReceivedBytes);
        Assert.Equal(8, _port.Port.SentBytes);
    }

    private static byte[] Frame(string text) => Prefixed(0, new StringValue { Value = text }.ToByteArray());

    private static byte[] Compressed(IMessage message)
    {
        using MemoryStream folded = new();
        using (GZipStream stream = new(folded, CompressionLevel.SmallestSize))
        {
            stream.Write(message.ToByteArray());
        }

        return Prefixed(1, folded.ToArray());
    }

    private static byte[] Prefixed(byte flag, byte[] message)
    {
        byte[] framed = new byte[5 + message.Length];
        framed[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    private static async Task<(string Code, string Message)> StatusAsync(HttpResponseMessage response)
    {
        await response.Content.ReadAsByteArrayAsync(Token);
        HttpResponseHeaders headers = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        string message = headers.TryGetValues("grpc-message", out IEnumerable<string>? values) ? values.Single() : string.Empty;
        return (headers.GetValues("grpc-status").Single(), message);
    }

    private Task<HttpResponseMessage> PostAsync(string path, byte[] body, Action<HttpRequestMessage>? change = null) =>
        SendAsync(path, new ByteArrayContent(body), change);

    private async Task<HttpResponseMessage> SendAsync(string path, HttpContent content, Action<HttpRequestMessage>? change = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(_port.Address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/grpc");
        change?.Invoke(request);
        return await _client.SendAsync(request, Token);
    }

    private sealed class PiecewiseContent(byte[] body) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (byte piece in body)
            {
                await stream.WriteAsync(new[] { piece });
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
