using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client.Tests;

/// <summary>Takes puts as a server with sessions does, and answers each attempt as the test wants it; keeps what was sent.</summary>
internal sealed class SessionServer : IAsyncDisposable
{
    private ClientPort _port = null!;
    private int _opened;

    public Uri Url => _port.Addresses[0];

    public ConcurrentQueue<Attempt> Attempts { get; } = [];

    public int Opened => Volatile.Read(ref _opened);

    public long Window { get; init; } = 1024;

    /// <summary>What becomes of an attempt: nothing for an answer, else what it fails with.</summary>
    public Func<Attempt, Task<RpcException?>> Answer { get; set; } = _ => Task.FromResult<RpcException?>(null);

    public static async Task<SessionServer> StartAsync(SessionServer server, CancellationToken cancellationToken)
    {
        GrpcServiceMap map = new();
        map.Unary<SessionOpenRequest, SessionOpenResponse>(QuorateMethods.SessionOpen, SessionOpenRequest.Parser, server.OpenAsync);
        map.Unary<PutRequest, PutResponse>(EtcdMethods.Put, PutRequest.Parser, server.PutAsync);
        server._port = await ClientPort.StartAsync(
            new ClientPortOptions { Urls = [new Uri("http://127.0.0.1:0")], Grpc = map }, NullLoggerFactory.Instance, cancellationToken);
        return server;
    }

    /// <summary>Waits until so many attempts have come.</summary>
    public Task HeardAsync(int attempts, CancellationToken cancellationToken) =>
        Waiting.UntilAsync(() => Task.FromResult(Attempts.Count >= attempts), TimeSpan.FromSeconds(20), cancellationToken);

    public ValueTask DisposeAsync() => _port.DisposeAsync();

    private ValueTask<SessionOpenResponse> OpenAsync(SessionOpenRequest request, ServerCall call) =>
        ValueTask.FromResult(new SessionOpenResponse { Session = $"s{Interlocked.Increment(ref _opened)}", Window = Window });

    private async ValueTask<PutResponse> PutAsync(PutRequest request, ServerCall call)
    {
        Attempt attempt = new(
            request.Key.ToStringUtf8(),
            call.Metadata(QuorateMethods.SessionHeader),
            Number(call.Metadata(QuorateMethods.SequenceHeader)),
            Number(call.Metadata(QuorateMethods.AcknowledgedHeader)));
        Attempts.Enqueue(attempt);
        return await Answer(attempt) is { } failure ? throw failure : new PutResponse();
    }

    private static long Number(string? text) => text is null ? -1 : long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>One put as the server saw it; numbers are −1 without a session.</summary>
internal sealed record Attempt(string Key, string? Session, long Sequence, long Acknowledged);
