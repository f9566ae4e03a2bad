using System.Runtime.CompilerServices;

namespace Quorate.Client;

/// <content>Watches.</content>
public sealed partial class QuorateClient
{
    /// <summary>
    /// Sees every change of the keys once and in order, for as long as it is enumerated. When the connection breaks, the server dies or loses
    /// its leader, it goes on behind the last revision seen, at another endpoint if need be, and waits for one as long as it takes: it never
    /// ends by itself without an exception.
    /// </summary>
    /// <exception cref="CompactedException">The history between the last revision seen and now has been compacted away.</exception>
    /// <exception cref="QuorateException">The server refuses the watch.</exception>
    public async IAsyncEnumerable<WatchBatch> WatchAsync(
        KeyRange range, WatchOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        WatchSession session = new(_pool, range, options ?? new WatchOptions());
        await using (session.ConfigureAwait(false))
        {
            while (true)
            {
                yield return await session.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The same with one event after the other.</summary>
    /// <exception cref="CompactedException">As <see cref="WatchAsync"/>.</exception>
    /// <exception cref="QuorateException">As <see cref="WatchAsync"/>.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchEventsAsync(
        KeyRange range, WatchOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (WatchBatch batch in WatchAsync(range, options, cancellationToken).ConfigureAwait(false))
        {
            foreach (WatchEvent item in batch.Events)
            {
                yield return item;
            }
        }
    }
}
