namespace Quorate.Checking;

/// <summary>
/// The keyspace while a history is replayed in order of revision. Where a revision cannot be attributed to an operation, the keys that it
/// may have deleted are in doubt until they are surely written again: what was put is never in doubt as long as somebody saw it.
/// </summary>
internal sealed class ReplayedKeyspace
{
    private readonly Dictionary<string, Cell> _cells = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _present = new(StringComparer.Ordinal);
    private readonly HashSet<string> _doubtKeys = new(StringComparer.Ordinal);
    private readonly List<Step> _doubtRanges = [];
    private long _lastDoubt;

    /// <summary>The writes that no revision could be attributed to, but that may have made some.</summary>
    public ReplayedKeyspace(IEnumerable<Operation> suspects)
    {
        foreach (Step step in suspects.SelectMany(suspect => suspect.Then.Concat(suspect.Else)).Where(step => step.Kind != StepKind.Range))
        {
            if (step.End is null)
            {
                _doubtKeys.Add(step.Key);
            }
            else
            {
                _doubtRanges.Add(step);
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
            changes.Add(new RecordedChange(key, null, _cells[key].Current, true, !IsInDoubt(key), Certain: !IsInDoubt(key)));
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

    /// <summary>Whether an unattributed revision may have touched the key since it was last surely written.</summary>
    public bool IsInDoubt(string key) =>
        _lastDoubt > CellOf(key).CertainSince && (_doubtKeys.Contains(key) || _doubtRanges.Exists(range => range.Covers(key)));

    /// <summary>Whether an unattributed revision may have put a key into the range that nobody has seen.</summary>
    public bool MayHideIn(Step step) =>
        step.End is null ? IsInDoubt(step.Key) : _doubtKeys.Any(key => step.Covers(key) && IsInDoubt(key));

    private Cell CellOf(string key) => _cells.GetValueOrDefault(key, new Cell(null, true, 0));

    private readonly record struct Cell(KeyVersion? Current, bool AreCountersKnown, long CertainSince);
}
