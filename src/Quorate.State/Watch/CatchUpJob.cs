using System.Diagnostics;

namespace Quorate.State;

/// <summary>
/// A bounded read of history for watchers that are further behind than the recent revisions reach. It holds nothing but
/// immutable inputs and its own results, so <see cref="Run"/> may be called on any thread; it goes back to
/// <see cref="WatchHub.Complete"/> on the hub's.
/// </summary>
public sealed class CatchUpJob
{
    private readonly IWatchHistory _history;
    private readonly WatchHubOptions _options;
    private readonly List<CatchUpRead> _reads = [];

    internal CatchUpJob(IWatchHistory history, WatchHubOptions options)
    {
        _history = history;
        _options = options;
    }

    internal IReadOnlyList<CatchUpRead> Reads => _reads;

    /// <summary>How many watchers it reads for.</summary>
    internal int WatcherCount { get; private set; }

    internal bool WasRun { get; private set; }

    /// <summary>
    /// Lets a watcher in. Watchers of one range share one read, which begins with the first that came in; a later one must not need
    /// anything before that, and not stand so far ahead that this read does nothing for it.
    /// </summary>
    internal bool TryAdd(Watcher watcher)
    {
        foreach (CatchUpRead read in _reads)
        {
            if (ReferenceEquals(read.Watched, watcher.Range))
            {
                long ahead = watcher.Position - read.From;
                if (ahead < 0 || ahead >= _options.JobRevisions)
                {
                    return false;
                }

                read.Watchers.Add(watcher);
                WatcherCount++;
                return true;
            }
        }

        _reads.Add(new CatchUpRead(watcher));
        WatcherCount++;
        return true;
    }

    /// <summary>Reads. Called once.</summary>
    /// <exception cref="Exception">The history cannot be read: the node must stop, for watchers would be left with a gap.</exception>
    public void Run()
    {
        WasRun = true;
        long bytes = 0;
        foreach (CatchUpRead read in _reads)
        {
            if (bytes < _options.JobBytes)
            {
                bytes += read.Run(_history, _options.JobRevisions);
            }
        }
    }
}

/// <summary>The read of one range within a job. The watchers themselves are not looked at before the job is back.</summary>
internal sealed class CatchUpRead(Watcher first)
{
    public WatchedRange Watched { get; } = first.Range;

    public long From { get; } = first.Position;

    public List<Watcher> Watchers { get; } = [first];

    public List<EventReference> Found { get; } = [];

    /// <summary>The revision to go on from.</summary>
    public long Next { get; private set; } = first.Position;

    /// <summary>Reads whole revisions, few enough to be held.</summary>
    /// <returns>Their bytes.</returns>
    public long Run(IWatchHistory history, int maxRevisions)
    {
        var revisions = new List<RevisionEvents>();
        long bytes = 0;
        Next = history.ReadHistory(Watched.Range, From, maxRevisions, revisions);
        if (Next <= From)
        {
            throw new UnreachableException($"Reading history from revision {From} went back to {Next}.");
        }

        foreach (RevisionEvents revision in revisions)
        {
            bytes += RecentHistory.Match(Watched.Range, new RecentRevision(revision), Found);
        }

        return bytes;
    }
}
