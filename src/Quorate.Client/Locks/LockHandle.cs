namespace Quorate.Client;

/// <summary>A lock that is held. Dispose it to give it back.</summary>
public sealed class LockHandle : IAsyncDisposable
{
    private readonly LeaseHandle _lease;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _watching;
    private int _disposed;

    internal LockHandle(QuorateClient client, string name, LeaseHandle lease, KeyValue held)
    {
        _lease = lease;
        Name = name;
        Key = held.Key;
        FencingToken = held.CreateRevision;
        _watching = WatchAsync(client, held);
    }

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>The key that stands for this holder.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>Greater than that of every earlier holder: the create revision of <see cref="Key"/>.</summary>
    public long FencingToken { get; }

    /// <summary>The lease that the lock hangs on.</summary>
    public long LeaseId => _lease.Id;

    /// <summary>Cancelled when the lock is lost or may be: its lease ended, or somebody deleted its key.</summary>
    public CancellationToken Lost => _lease.Lost;

    /// <summary>Gives the lock back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        await _lease.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task WatchAsync(QuorateClient client, KeyValue held)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, _lease.Lost);
        try
        {
            WatchOptions options = new() { StartRevision = held.ModRevision + 1, IgnorePuts = true };
            await foreach (WatchBatch batch in client.WatchAsync(KeyRange.Single(held.Key), options, ending.Token).ConfigureAwait(false))
            {
                if (batch.Events.Count > 0)
                {
                    _lease.Lose();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The lock is given back or its lease is lost.
        }
        catch (QuorateException)
        {
            // Without the watch nobody would tell us that the key is gone.
            _lease.Lose();
        }
    }
}
