namespace Quorate.Checking;

/// <summary>
/// The keyspace while a history is replayed in order of revision. Where a revision cannot be attributed to an operation, the keys that it
/// may have deleted, or put without anybody seeing it, are in doubt until they are written or read again.
/// </summary>
internal sealed class ReplayedKeyspace
{
    private readonly Dictionary<string, Cell> _cells = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _present = new(StringComparer.Ordinal);
    private readonly HashSet<string> _maybePut = new(StringComparer.Ordinal);
    private readonly HashSet<string> _maybeDeleted = new(StringComparer.Ordinal);
    private readonly List<Step> _maybeDeletedRanges = [];
    private long _lastDoubt;

    /// <summary>Makes an empty keyspace.</summary>
    /// <param name="suspects">The writes that no revision could be attributed to, but that may have made some.</param>
    public ReplayedKeyspace(IEnumerable<Operation> suspects)
    {
        foreach (Step step in suspects.SelectMany(suspect => suspect.Then.Concat(suspect.Else)))
        {
            if (step.Kind == StepKind.Put)
            {
                _maybePut.Add(step.Key);
            }
            else if (step.Kind == StepKind.Delete && step.End is null)
            {
                _maybeDeleted.Add(step.Key);
            }
            else if (step.Kind == StepKind.Delete)
            {
                _maybeDeletedRanges.Add(step);
            }
        }
    }

    /// <summary>A revision that no operation could be found for.</summary>
    public void Doubt(long revision) => _lastDoubt = revision;

    /// <summary>Whether the guards hold; <see langword="null"/> when that is in doubt.</summary>
    public bool? Holds(IReadOnlyList<Guard> guards)
    {
        bool isCertain = true;
        foreach (Guard guard in guards)
        {
            Cell cell = CellOf(guard.Key);
            bool isCounter = guard.Target is GuardTarget.Version or GuardTarget.Create;
            if (IsInDoubt(guard.Key) || (isCounter && cell.Current is not null && !cell.AreCountersKnown))
            {
                isCertain = false;
            }
            else if (!guard.Holds(cell.Current?.Value, cell.Current?.Version ?? 0, cell.Current?.Create ?? 0, cell.Current?.Mod ?? 0))
            {
                return false;
            }
        }

        return isCertain ? true : null;
    }

    public RecordedChange Put(string key, string value, long revision)
    {
        Cell before = CellOf(key);
        bool isKnown = !IsInDoubt(key);
        bool areCountersKnown = isKnown && (before.Current is null || before.AreCountersKnown);
        var current = new KeyVersion(key, value, before.Current?.Create ?? revision, revision, (before.Current?.Version ?? 0) + 1);
        _cells[key] = new Cell(current, areCountersKnown, revision);
        _present.Add(key);
        return new RecordedChange(key, current, before.Current, areCountersKnown, isKnown, Certain: true);
    }

    /// <summary>Deletes what is there and what may be.</summary>
    public List<RecordedChange> Delete(Step step, long revision)
    {
        var changes = new List<RecordedChange>();
        foreach (string key in PresentIn(step))
        {
            changes.Add(new RecordedChange(key, null, _cells[key].Current, true, !IsInDoubt(key), Certain: !MayBeGone(key)));
            _cells[key] = new Cell(null, true, revision);
            _present.Remove(key);
        }

        return changes;
    }

    /// <summary>The keys of a range that are there, those in doubt included.</summary>
    public List<string> PresentIn(Step step)
    {
        if (step.End is null)
        {
            return _present.Contains(step.Key) ? [step.Key] : [];
        }

        if (_present.Count == 0 || string.CompareOrdinal(_present.Max, step.Key) < 0)
        {
            return [];
        }

        return [.. _present.GetViewBetween(step.Key, _present.Max!).TakeWhile(step.Covers)];
    }

    public (KeyVersion? Current, bool AreCountersKnown) Find(string key)
    {
        Cell cell = CellOf(key);
        return (cell.Current, cell.AreCountersKnown);
    }

    /// <summary>Whether an unattributed revision may have touched the key since it was last sure.</summary>
    public bool IsInDoubt(string key) => MayBeHidden(key) || MayBeGone(key);

    /// <summary>Whether the key may have been deleted since.</summary>
    public bool MayBeGone(string key) =>
        IsUnsure(key) && (_maybeDeleted.Contains(key) || _maybeDeletedRanges.Exists(range => range.Covers(key)));

    /// <summary>Whether an unattributed revision may have put a key of the range that nobody has seen.</summary>
    public bool MayHideIn(Step step) => step.End is null ? MayBeHidden(step.Key) : _maybePut.Any(key => step.Covers(key) && MayBeHidden(key));

    /// <summary>A read has settled whether the key is there.</summary>
    public void Settle(string key, bool isPresent, long revision)
    {
        Cell cell = CellOf(key);
        if (isPresent)
        {
            _cells[key] = cell with { CertainSince = revision };
        }
        else
        {
            _cells[key] = new Cell(null, true, revision);
            _present.Remove(key);
        }
    }

    private bool MayBeHidden(string key) => IsUnsure(key) && _maybePut.Contains(key);

    private bool IsUnsure(string key) => _lastDoubt > CellOf(key).CertainSince;

    private Cell CellOf(string key) => _cells.GetValueOrDefault(key, new Cell(null, true, 0));

    private readonly record struct Cell(KeyVersion? Current, bool AreCountersKnown, long CertainSince);
}
