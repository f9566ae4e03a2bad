using System.Diagnostics.CodeAnalysis;

namespace Quorate.State;

/// <summary>
/// Brings watchers that are behind up to what is published. Streams take turns, and the watchers of a stream take turns, so that one
/// far behind, or ten thousand of one client, hold up nobody.
/// </summary>
internal sealed class WatchCatchUp(WatchHubOptions options, long revision, WatchHub hub)
{
    private readonly RecentHistory _recent = new(options.RecentRevisions, options.RecentBytes, revision);
    private readonly LinkedList<WatchStream> _ready = new();
    private readonly LinkedList<Watcher> _needHistory = new();
    private readonly List<EventReference> _found = [];
    private int _jobsOut;

    /// <summary>How many watchers are not synced.</summary>
    public int LaggingCount { get; private set; }

    public void Add(List<RecentRevision> batch) => batch.ForEach(_recent.Add);

    public void Reset(long toRevision) => _recent.Reset(toRevision);

    /// <summary>A synced watcher is so no longer.</summary>
    public void FallBehind(Watcher watcher, long position)
    {
        bool isRepeated = options.Plants.HasFlag(WatchPlants.DuplicateDelivery) && position > watcher.MinRevision;
        watcher.IsSynced = false;
        watcher.Position = isRepeated ? position - 1 : position;
        watcher.Stream.LaggingCount++;
        LaggingCount++;
        Queue(watcher);
    }

    /// <summary>Gives a stream its turn, if it has room and somebody behind.</summary>
    public void MakeReady(WatchStream stream)
    {
        if (stream.Node.List is null && !stream.IsFull && stream.Lagging.Count > 0)
        {
            _ready.AddLast(stream.Node);
        }
    }

    public void Forget(Watcher watcher)
    {
        watcher.Node.List?.Remove(watcher.Node);
        if (!watcher.IsSynced)
        {
            watcher.Stream.LaggingCount--;
            LaggingCount--;
        }
    }

    public static void Forget(WatchStream stream) => stream.Node.List?.Remove(stream.Node);

    /// <summary>One step, bounded by the events it looks at.</summary>
    /// <returns>Whether there is more to do.</returns>
    public bool Work()
    {
        int left = options.StepEvents;
        while (left > 0 && _ready.First is { } turn)
        {
            WatchStream stream = turn.Value;
            _ready.RemoveFirst();
            if (stream.Lagging.First is { } first && !stream.IsFull)
            {
                stream.Lagging.RemoveFirst();
                left -= 1 + CatchUp(first.Value, left);
                MakeReady(stream);
            }
        }

        return _ready.Count > 0;
    }

    public bool TryTakeJob([NotNullWhen(true)] out CatchUpJob? job)
    {
        job = null;
        if (_jobsOut >= options.Jobs)
        {
            return false;
        }

        var offered = new CatchUpJob(hub.Current, options);
        LinkedListNode<Watcher>? next = _needHistory.First;
        for (int looked = 0; next is { } node && offered.WatcherCount < options.JobWatchers && looked < 4 * options.JobWatchers; looked++)
        {
            next = node.Next;
            TryJoin(node.Value, offered);
        }

        if (offered.WatcherCount == 0)
        {
            return false;
        }

        job = offered;
        _jobsOut++;
        return true;
    }

    public void Complete(CatchUpJob job)
    {
        if (!job.WasRun)
        {
            throw new ArgumentException("The job was not run.", nameof(job));
        }

        _jobsOut--;
        foreach (CatchUpRead read in job.Reads)
        {
            foreach (Watcher watcher in read.Watchers)
            {
                if (!watcher.IsClosed)
                {
                    Deliver(watcher, read.Found, Math.Max(read.Next, watcher.Position));
                }
            }
        }
    }

    /// <summary>Moves a watcher that needs history into a job, unless something else has become of it or it does not fit in this one.</summary>
    private void TryJoin(Watcher watcher, CatchUpJob job)
    {
        if (watcher.Stream.IsFull)
        {
            _needHistory.Remove(watcher.Node);
            Queue(watcher);
        }
        else if (watcher.Position < hub.Current.CompactRevision)
        {
            hub.CancelCompacted(watcher);
        }
        else if (job.TryAdd(watcher))
        {
            _needHistory.Remove(watcher.Node);
        }
    }

    /// <summary>One turn of one watcher, which stands in no queue.</summary>
    /// <returns>How many events were looked at.</returns>
    private int CatchUp(Watcher watcher, int maxEvents)
    {
        if (watcher.Position < hub.Current.CompactRevision)
        {
            hub.CancelCompacted(watcher);
            return 0;
        }

        if (watcher.Position < _recent.First)
        {
            _needHistory.AddLast(watcher.Node);
            return 0;
        }

        long next = _recent.Collect(watcher.Request.Range, watcher.Position, maxEvents, options.MessageBytes, _found, out int looked);
        Deliver(watcher, _found, next);
        _found.Clear();
        return looked;
    }

    /// <summary>Pushes what was found for a watcher that is behind and moves it on, to its next queue or to being synced.</summary>
    private void Deliver(Watcher watcher, List<EventReference> found, long next)
    {
        EventDraft draft = Draft(watcher, found);
        while (!draft.IsEmpty && !watcher.Stream.IsFull)
        {
            hub.Push(watcher, draft);
            watcher.Position = draft.Next != 0 ? draft.Next : next;
            draft = draft.Next != 0 ? Draft(watcher, found) : EventDraft.Nothing;
        }

        watcher.Position = draft.IsEmpty ? next : draft.First;
        if (watcher.Position <= _recent.Last)
        {
            Queue(watcher);
            return;
        }

        watcher.IsSynced = true;
        watcher.Stream.LaggingCount--;
        LaggingCount--;
    }

    private EventDraft Draft(Watcher watcher, List<EventReference> found) =>
        EventDraft.From(found, watcher.Request, watcher.Position, options.MessageBytes);

    private void Queue(Watcher watcher)
    {
        watcher.Stream.Lagging.AddLast(watcher.Node);
        MakeReady(watcher.Stream);
    }
}
