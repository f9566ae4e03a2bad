using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using Quorate.Grpc.Contract;

namespace Quorate.Grpc.Tests;

/// <summary>Garbage, stopping, health.</summary>
public sealed class PortTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<byte[]> Garbage => new()
    {
        Encoding.ASCII.GetBytes("nonsense\r\n\r\n"),
        Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no frame, however one looks at it"),
        Encoding.ASCII.GetBytes("PRI * HTTP/1.0\r\n\r\n"),
        Encoding.ASCII.GetBytes("GET /health HTTP/9.9\r\n\r\n"),
        new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x0d, 0x0a, 0x0d, 0x0a },
        new byte[4096],
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_gets_an_error_or_a_closed_connection_and_harms_nobody(byte[] garbage)
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        await using DuplexCall<StringValue, StringValue> bystander = channel.OpenDuplex<StringValue, StringValue>(TestPort.Duplex, StringValue.Parser, cancellationToken: Token);
        await bystander.WriteAsync(new StringValue { Value = "before" }, Token);
        Assert.Equal("before", (await bystander.ReadAsync(Token))?.Value);

        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port.Address.Port, Token);
        await client.GetStream().WriteAsync(garbage, Token);
        await ReadToEndAsync(client.GetStream()).WaitAsync(TimeSpan.FromSeconds(30), Token);

        await bystander.WriteAsync(new StringValue { Value = "after" }, Token);
        Assert.Equal("after", (await bystander.ReadAsync(Token))?.Value);
    }

    [Fact]
    public async Task A_client_that_sends_its_preface_a_byte_at_a_time_is_served()
    {
        await using TestPort port = await TestPort.StartAsync();
        using TcpClient client = new() { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port.Address.Port, Token);
        byte[] preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];
        foreach (byte piece in preface)
        {
            await client.GetStream().WriteAsync(new[] { piece }, Token);
        }

        // The first frame of a server is its settings: type 4.
        byte[] answer = new byte[9];
        await client.GetStream().ReadExactlyAsync(answer, Token);
        Assert.Equal(4, answer[3]);
    }

    [Fact]
    public async Task Stopping_lets_calls_end_and_tells_streams()
    {
        await using TestPort port = await TestPort.StartAsync(options => options with { DrainMessage = "going home" });
        await using GrpcChannel channel = new(port.Address);
        Task<StringValue> waiting = channel.UnaryAsync(TestPort.Wait, new StringValue(), StringValue.Parser, cancellationToken: Token).AsTask();
        await port.Waiting.Task.WaitAsync(Token);
        await using DuplexCall<StringValue, StringValue> stream = channel.OpenDuplex<StringValue, StringValue>(TestPort.Duplex, StringValue.Parser, cancellationToken: Token);
        await stream.WriteAsync(new StringValue { Value = "a" }, Token);
        Assert.Equal("a", (await stream.ReadAsync(Token))?.Value);

        Task<StringValue?> reading = stream.ReadAsync(Token).AsTask();
        await port.Port.StopAsync(Token);
        RpcException ofCall = await Assert.ThrowsAsync<RpcException>(() => waiting);
        RpcException ofStream = await Assert.ThrowsAsync<RpcException>(() => reading);
        Assert.Equal((StatusCode.Unavailable, "going home"), (ofCall.StatusCode, ofCall.Message));
        Assert.Equal((StatusCode.Unavailable, "going home"), (ofStream.StatusCode, ofStream.Message));
    }

    [Fact]
    public async Task Health_is_told_to_those_who_ask_and_those_who_watch()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        await using DuplexCall<HealthCheckRequest, HealthCheckResponse> watch =
            channel.OpenDuplex<HealthCheckRequest, HealthCheckResponse>("/grpc.health.v1.Health/Watch", HealthCheckResponse.Parser, cancellationToken: Token);
        await watch.WriteAsync(new HealthCheckRequest { Service = "kv" }, Token);
        await watch.CompleteAsync();
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.ServiceUnknown, (await watch.ReadAsync(Token))?.Status);
        port.Port.Health.Set("kv", ServingStatus.Serving);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await watch.ReadAsync(Token))?.Status);
        port.Port.Health.Set("kv", ServingStatus.NotServing);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await watch.ReadAsync(Token))?.Status);
        HealthListResponse list = await channel.UnaryAsync("/grpc.health.v1.Health/List", new HealthListRequest(), HealthListResponse.Parser, cancellationToken: Token);
        Assert.Equal(["", "kv"], list.Statuses.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("https://127.0.0.1:0")]
    [InlineData("http://example.com:0")]
    public async Task A_url_that_cannot_be_listened_at_is_refused_with_the_reason(string url)
    {
        ClientPortOptions options = new() { Urls = [new Uri(url)], Grpc = new GrpcServiceMap() };
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(() => ClientPort.StartAsync(options, NullLoggerFactory.Instance, Token));
        Assert.StartsWith(url, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        await using TestPort port = await TestPort.StartAsync();
        ClientPortOptions options = new() { Urls = [port.Address], Grpc = new GrpcServiceMap() };
        await Assert.ThrowsAsync<IOException>(() => ClientPort.StartAsync(options, NullLoggerFactory.Instance, Token));
    }

    private static async Task ReadToEndAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is a closed connection too.
        }
    }
}
