namespace Quorate.State;

/// <summary>A range that somebody watches, with everyone who does: a change is matched and its message built once for all of them.</summary>
internal sealed class WatchedRange(KeyRange range)
{
    private readonly EventDraft?[] _drafts = new EventDraft?[8];

    public KeyRange Range { get; } = range;

    /// <summary>In the order of delivery.</summary>
    public List<Watcher> Watchers { get; } = [];

    /// <summary>What of the running batch lies in the range.</summary>
    public List<EventReference> Pending { get; private set; } = [];

    public void Add(Watcher watcher) => Watchers.Insert(~Find(watcher), watcher);

    public void Remove(Watcher watcher) => Watchers.RemoveAt(Find(watcher));

    /// <summary>The message of the running batch for one of its watchers; watchers with the same wishes share it.</summary>
    public EventDraft DraftFor(Watcher watcher, int messageBytes)
    {
        WatchRequest request = watcher.Request;
        if (watcher.MinRevision > Pending[0].Revision)
        {
            return EventDraft.From(Pending, request, watcher.MinRevision, messageBytes);
        }

        int shape = (request.WithPrevious ? 1 : 0) | (request.NoPut ? 2 : 0) | (request.NoDelete ? 4 : 0);
        return _drafts[shape] ??= EventDraft.From(Pending, request, 0, messageBytes);
    }

    public void EndBatch()
    {
        const int KeptCapacity = 64;
        _drafts.AsSpan().Clear();
        if (Pending.Capacity > KeptCapacity)
        {
            Pending = [];
        }
        else
        {
            Pending.Clear();
        }
    }

    private int Find(Watcher watcher)
    {
        int low = 0;
        int high = Watchers.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = Watcher.Compare(Watchers[middle], watcher);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }

        return ~low;
    }
}
