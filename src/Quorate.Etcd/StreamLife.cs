using Quorate.Grpc;

namespace Quorate.Etcd;

/// <summary>How long a stream lives: as long as its call, its two halves, and, if its client asked for that, its leader.</summary>
internal sealed class StreamLife : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _callToken;
    private readonly CancellationToken _leaderLost;

    public StreamLife(ServerCall call, LeaderWatch leader)
    {
        bool asked = LeaderWatch.IsAskedFor(call);
        if (asked && leader.IsLeaderless)
        {
            throw EtcdErrors.NoLeader();
        }

        _callToken = call.CancellationToken;
        _leaderLost = asked ? leader.LeaderLost : CancellationToken.None;
        _source = CancellationTokenSource.CreateLinkedTokenSource(_callToken, _leaderLost);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Runs both halves to their end. When one fails the other is stopped, and the failure of the first is the one that counts.</summary>
    /// <param name="reading">Takes the client's messages; when it ends well, the client has closed its half.</param>
    /// <param name="writing">Answers.</param>
    public async Task RunAsync(Task reading, Task writing)
    {
        Task first = await Task.WhenAny(reading, writing).ConfigureAwait(false);
        if (!first.IsCompletedSuccessfully)
        {
            await _source.CancelAsync().ConfigureAwait(false);
        }

        Task second = first == reading ? writing : reading;
        await second.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await first.ConfigureAwait(false);
            await second.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_leaderLost.IsCancellationRequested && !_callToken.IsCancellationRequested)
        {
            throw EtcdErrors.NoLeader();
        }
    }

    public void Dispose() => _source.Dispose();
}
