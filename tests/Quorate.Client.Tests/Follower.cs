using System.Threading.Channels;

namespace Quorate.Client.Tests;

/// <summary>Collects what a watch sees; it stands when <see cref="StartAsync"/> returns.</summary>
internal sealed class Follower : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Channel<WatchEvent> _events = Channel.CreateBounded<WatchEvent>(10_000);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _standing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;

    public static async Task<Follower> StartAsync(QuorateClient client, KeyRange range, WatchOptions options, CancellationToken cancellationToken)
    {
        Follower follower = new();
        follower._running = Task.Run(() => follower.RunAsync(client, range, options with { IncludeProgress = true }), cancellationToken);
        await follower._standing.Task.WaitAsync(Patience, cancellationToken);
        return follower;
    }

    public async Task<IReadOnlyList<WatchEvent>> TakeAsync(int count, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Patience);
        List<WatchEvent> taken = [];
        while (taken.Count < count)
        {
            taken.Add(await _events.Reader.ReadAsync(limited.Token));
        }

        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(QuorateClient client, KeyRange range, WatchOptions options)
    {
        try
        {
            await foreach (WatchBatch batch in client.WatchAsync(range, options, _stop.Token))
            {
                _standing.TrySetResult();
                foreach (WatchEvent item in batch.Events)
                {
                    await _events.Writer.WriteAsync(item, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            _events.Writer.TryComplete();
        }
        catch (Exception exception)
        {
            _standing.TrySetException(exception);
            _events.Writer.TryComplete(exception);
        }
    }
}
