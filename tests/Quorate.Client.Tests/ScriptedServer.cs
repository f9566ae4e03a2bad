using Microsoft.Extensions.Logging.Abstractions;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client.Tests;

/// <summary>A server of which a test says what it answers to every range and every put.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Func<int, Task> _answer;
    private ClientPort _port = null!;
    private int _calls;

    private ScriptedServer(Func<int, Task> answer) => _answer = answer;

    public Uri Url => _port.Addresses[0];

    public int Calls => Volatile.Read(ref _calls);

    /// <param name="answer">Given the number of the call, from 1 on: ends to let it succeed, throws to refuse it, stays to keep it waiting.</param>
    public static async Task<ScriptedServer> StartAsync(Func<int, Task> answer)
    {
        var server = new ScriptedServer(answer);
        GrpcServiceMap map = new GrpcServiceMap()
            .Unary<RangeRequest, RangeResponse>(EtcdMethods.Range, RangeRequest.Parser, async (_, _) => await server.AnswerAsync(new RangeResponse()), longWait: true)
            .Unary<PutRequest, PutResponse>(EtcdMethods.Put, PutRequest.Parser, async (_, _) => await server.AnswerAsync(new PutResponse { Header = new ResponseHeader { Revision = 7 } }), longWait: true);
        server._port = await ClientPort.StartAsync(
            new ClientPortOptions { Urls = [new Uri("http://127.0.0.1:0")], Grpc = map, DrainTimeout = TimeSpan.Zero }, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _port.DisposeAsync();

    private async Task<T> AnswerAsync<T>(T answer)
    {
        await _answer(Interlocked.Increment(ref _calls));
        return answer;
    }
}
