namespace Quorate.State;

/// <summary>Finds who is to hear of a batch: each change is looked up once, and nothing is spent on watchers it does not concern.</summary>
internal sealed class BatchMatcher(WatchIndex index)
{
    private readonly List<WatchedRange> _matched = [];
    private readonly List<WatchedRange> _touched = [];
    private readonly List<Watcher> _due = [];

    /// <summary>Hands the batch out to the watched ranges, and returns the synced watchers of those it touches, in the order of delivery.</summary>
    public List<Watcher> Begin(List<RecentRevision> batch)
    {
        foreach (RecentRevision revision in batch)
        {
            for (int position = 0; position < revision.Count; position++)
            {
                Hand(new EventReference(revision, position));
            }
        }

        foreach (WatchedRange watched in _touched)
        {
            foreach (Watcher watcher in watched.Watchers)
            {
                if (watcher.IsSynced)
                {
                    _due.Add(watcher);
                }
            }
        }

        if (_touched.Count > 1)
        {
            _due.Sort(Watcher.Compare);
        }

        return _due;
    }

    /// <summary>Forgets the batch.</summary>
    public void End()
    {
        _due.Clear();
        _touched.ForEach(static watched => watched.EndBatch());
        _touched.Clear();
    }

    private void Hand(EventReference reference)
    {
        index.Match(reference.Key, _matched);
        foreach (WatchedRange watched in _matched)
        {
            if (watched.Pending.Count == 0)
            {
                _touched.Add(watched);
            }

            watched.Pending.Add(reference);
        }

        _matched.Clear();
    }
}
