namespace Quorate.Checking.Tests;

/// <summary>A store that does one thing at a time, written as plainly as can be: what the checkers are held against.</summary>
internal sealed class SimulatedStore
{
    private SortedDictionary<string, KeyVersion> _keys = new(StringComparer.Ordinal);

    public long Revision { get; private set; } = 1;

    /// <summary>What each revision from 2 on changed.</summary>
    public List<List<WatchedEvent>> Log { get; } = [];

    /// <summary>Performs a request and returns it with its answer.</summary>
    public Operation Perform(Operation request)
    {
        bool tookElse = !request.If.All(Holds);
        var events = new List<WatchedEvent>();
        var results = new List<StepResult>();
        foreach (Step step in tookElse ? request.Else : request.Then)
        {
            results.Add(Perform(step, events));
        }

        if (events.Count > 0)
        {
            Revision++;
            Log.Add(events);
        }

        return request with { TookElse = tookElse, Results = results, Revision = Revision };
    }

    /// <summary>Loses everything above a revision, as if it had never been flushed.</summary>
    public void LoseAfter(long revision)
    {
        _keys = new SortedDictionary<string, KeyVersion>(StringComparer.Ordinal);
        Log.RemoveRange((int)revision - 1, Log.Count - (int)revision + 1);
        Revision = revision;
        foreach (WatchedEvent change in Log.SelectMany(events => events))
        {
            if (change.Value is null)
            {
                _keys.Remove(change.Key);
            }
            else
            {
                _keys[change.Key] = new KeyVersion(change.Key, change.Value, change.Create, change.Mod, change.Version);
            }
        }
    }

    private StepResult Perform(Step step, List<WatchedEvent> events)
    {
        KeyVersion[] covered = [.. _keys.Values.Where(version => step.Covers(version.Key))];
        switch (step.Kind)
        {
            case StepKind.Put:
                KeyVersion? before = covered.SingleOrDefault();
                var after = new KeyVersion(step.Key, step.Value!, before?.Create ?? Revision + 1, Revision + 1, (before?.Version ?? 0) + 1);
                _keys[step.Key] = after;
                events.Add(new WatchedEvent(after.Key, after.Value, after.Create, after.Mod, after.Version, before));
                return new StepResult();
            case StepKind.Delete:
                foreach (KeyVersion version in covered)
                {
                    _keys.Remove(version.Key);
                    events.Add(new WatchedEvent(version.Key, null, 0, Revision + 1, 0, version));
                }

                return new StepResult(Deleted: covered.Length);
            default:
                return new StepResult(Found: covered);
        }
    }

    private bool Holds(Guard guard)
    {
        _keys.TryGetValue(guard.Key, out KeyVersion? version);
        int order = guard.Target switch
        {
            GuardTarget.Value => string.CompareOrdinal(version?.Value, guard.Text),
            GuardTarget.Version => (version?.Version ?? 0).CompareTo(guard.Number),
            GuardTarget.Create => (version?.Create ?? 0).CompareTo(guard.Number),
            _ => (version?.Mod ?? 0).CompareTo(guard.Number),
        };
        bool holds = guard.Relation switch
        {
            GuardRelation.Equal => order == 0,
            GuardRelation.NotEqual => order != 0,
            GuardRelation.Less => order < 0,
            _ => order > 0,
        };
        return holds && (guard.Target != GuardTarget.Value || version is not null);
    }
}
