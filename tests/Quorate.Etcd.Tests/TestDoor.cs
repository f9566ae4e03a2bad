using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Etcd.Tests;

/// <summary>A door on a free port of loopback, with a group behind it and a channel to it.</summary>
internal sealed class TestDoor : IAsyncDisposable
{
    private TestDoor(FakeGroup group, EtcdDoor door)
    {
        Group = group;
        Door = door;
        Channel = new GrpcChannel(Address);
    }

    public FakeGroup Group { get; }

    public EtcdDoor Door { get; }

    public GrpcChannel Channel { get; }

    public Uri Address => Door.Addresses[0];

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestDoor> StartAsync(Func<EtcdDoorOptions, EtcdDoorOptions>? change = null, TimeSpan? electionTimeout = null)
    {
        FakeGroup group = new() { ElectionTimeout = electionTimeout ?? TimeSpan.FromSeconds(1) };
        EtcdDoorOptions options = new() { ListenClientUrls = [new Uri("http://127.0.0.1:0")], DrainTimeout = TimeSpan.FromSeconds(1) };
        EtcdDoor door = await EtcdDoor.StartAsync(group, change?.Invoke(options) ?? options, NullLoggerFactory.Instance, Token);
        return new TestDoor(group, door);
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await Door.DisposeAsync();
        Group.Dispose();
    }

    public ValueTask<PutResponse> PutAsync(string key, string value, long lease = 0) =>
        CallAsync(EtcdMethods.Put, new PutRequest { Key = Text(key), Value = Text(value), Lease = lease }, PutResponse.Parser);

    public ValueTask<RangeResponse> RangeAsync(RangeRequest request) => CallAsync(EtcdMethods.Range, request, RangeResponse.Parser);

    public ValueTask<RangeResponse> GetAsync(string key) => RangeAsync(new RangeRequest { Key = Text(key) });

    public ValueTask<TResponse> CallAsync<TRequest, TResponse>(string method, TRequest request, MessageParser<TResponse> parser, params KeyValuePair<string, string>[] headers)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse> =>
        Channel.UnaryAsync(method, request, parser, headers, cancellationToken: Token);

    /// <summary>The status a call fails with.</summary>
    public async Task<(StatusCode Code, string Message)> FailAsync<TRequest, TResponse>(
        string method,
        TRequest request,
        MessageParser<TResponse> parser,
        params KeyValuePair<string, string>[] headers)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await CallAsync(method, request, parser, headers));
        return (exception.StatusCode, exception.Message);
    }

    public static ByteString Text(string text) => ByteString.CopyFromUtf8(text);
}
