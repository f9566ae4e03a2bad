using System.Diagnostics;

namespace Quorate.State;

/// <summary>
/// A bounded read of history for watchers that are further behind than the recent revisions reach. It holds nothing but
/// immutable inputs and its own results, so <see cref="Run"/> may be called on any thread; it goes back to
/// <see cref="WatchHub.Complete"/> on the hub's.
/// </summary>
public sealed class CatchUpJob
{
    private const int ChunkRevisions = 64;
    private static readonly KeyRange Everything = new(new byte[] { 0 }, new byte[] { 0 });

    private readonly IWatchHistory _history;
    private readonly WatchHubOptions _options;
    private readonly long _from;

    internal CatchUpJob(IWatchHistory history, WatchHubOptions options, List<Watcher> watchers)
    {
        _history = history;
        _options = options;
        _from = watchers[0].Position;
        foreach (Watcher watcher in watchers)
        {
            Parts.Add(new CatchUpPart(watcher, watcher.Request.Range, watcher.Position, []));
        }
    }

    internal List<CatchUpPart> Parts { get; } = [];

    /// <summary>The revision to go on from; 0 before it was run.</summary>
    internal long Next { get; private set; }

    /// <summary>Reads. Called once.</summary>
    /// <exception cref="Exception">The history cannot be read: the node must stop, for watchers would be left with a gap.</exception>
    public void Run()
    {
        var revisions = new List<RevisionEvents>();
        long next = _from;
        long bytes = 0;
        int matched = 0;
        KeyRange range = CommonRange();
        while (next <= _history.Revision && matched < _options.JobRevisions && bytes < _options.JobBytes)
        {
            long reached = _history.ReadHistory(range, next, Math.Min(ChunkRevisions, _options.JobRevisions - matched), revisions);
            if (reached <= next)
            {
                throw new UnreachableException($"Reading history from revision {next} went back to {reached}.");
            }

            next = reached;
            for (; matched < revisions.Count; matched++)
            {
                bytes += Match(revisions[matched]);
            }
        }

        Next = next;
    }

    private long Match(RevisionEvents events)
    {
        var revision = new RecentRevision(events);
        foreach (CatchUpPart part in Parts)
        {
            if (revision.Revision >= part.Position)
            {
                RecentHistory.Match(part.Range, revision, part.Found);
            }
        }

        return revision.Bytes;
    }

    private KeyRange CommonRange()
    {
        KeyRange first = Parts[0].Range;
        foreach (CatchUpPart part in Parts)
        {
            if (!part.Range.Key.Span.SequenceEqual(first.Key.Span) || !part.Range.End.Span.SequenceEqual(first.End.Span))
            {
                return Everything;
            }
        }

        return first;
    }
}

/// <summary>What a job reads for one watcher. The watcher itself is not looked at before the job is back.</summary>
internal readonly record struct CatchUpPart(Watcher Watcher, KeyRange Range, long Position, List<EventReference> Found);
