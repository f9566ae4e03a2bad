namespace Quorate.Checking;

/// <summary>
/// Finds out which operation made each revision: answered writes say it themselves; writes of unknown outcome are recognized by
/// the values that somebody saw with a revision.
/// </summary>
internal sealed class RevisionAttribution
{
    private readonly Dictionary<long, Operation> _writers = [];
    private readonly Dictionary<long, KeyVersion> _seen = [];
    private readonly HashSet<Operation> _attributed = new(ReferenceEqualityComparer.Instance);
    private readonly List<Operation> _unknown;
    private readonly ProblemList _problems;
    private readonly long _initialRevision;

    public RevisionAttribution(IReadOnlyList<Operation> history, long initialRevision, ProblemList problems)
    {
        _problems = problems;
        _initialRevision = initialRevision;
        List<Operation> answered = [.. history.Where(operation => operation.Outcome == Outcome.Ok)];
        _unknown = [.. history.Where(operation => operation.Outcome == Outcome.Unknown && operation.MayWrite).OrderBy(operation => operation.Invoke)];
        Last = answered.Count == 0 ? initialRevision : answered.Max(operation => operation.Revision);
        TakeAnswered(answered);
        TakeSeen(answered, history);
        TakeTheRest(answered);
    }

    /// <summary>The first revision that is made in the history.</summary>
    public long First => _initialRevision + 1;

    /// <summary>The highest revision anybody saw.</summary>
    public long Last { get; }

    /// <summary>Writes of unknown outcome that no revision was seen of.</summary>
    public IEnumerable<Operation> Suspects => _unknown.Where(operation => !_attributed.Contains(operation));

    /// <summary>Who made a revision; <see langword="null"/> when it cannot be told.</summary>
    public Operation? WriterOf(long revision) => _writers.GetValueOrDefault(revision);

    /// <summary>Whether an unanswered write must have taken its other branch for what was seen of its revision to be put.</summary>
    public bool SeenInElse(long revision)
    {
        KeyVersion seen = _seen[revision];
        return !_writers[revision].Then.Any(step => step.Kind == StepKind.Put && step.Key == seen.Key && step.Value == seen.Value);
    }

    private void TakeAnswered(List<Operation> answered)
    {
        foreach (Operation write in answered.Where(operation => operation.MadeRevision))
        {
            if (write.Revision <= _initialRevision)
            {
                _problems.Add($"a write got a revision of before the history: {write}");
            }
            else if (!_writers.TryAdd(write.Revision, write))
            {
                _problems.Add($"two writes of one revision: {_writers[write.Revision]} — and {write}");
            }
        }
    }

    private void TakeSeen(List<Operation> answered, IReadOnlyList<Operation> history)
    {
        ILookup<(string, string), Operation> putters = history
            .SelectMany(operation => Puts(operation).Select(step => (Put: (step.Key, step.Value!), Operation: operation)))
            .ToLookup(pair => pair.Put, pair => pair.Operation);
        var seen = new HashSet<(string, string, long)>();
        foreach (Operation reader in answered)
        {
            foreach (KeyVersion found in reader.Results.SelectMany(result => result.Found ?? []))
            {
                if (found.Mod > _initialRevision && seen.Add((found.Key, found.Value, found.Mod)))
                {
                    Explain(found, reader, putters[(found.Key, found.Value)]);
                }
            }
        }
    }

    private void Explain(KeyVersion found, Operation reader, IEnumerable<Operation> putters)
    {
        if (found.Mod > reader.Revision)
        {
            _problems.Add($"a read saw a later revision than its own: {reader}");
        }
        else if (_writers.TryGetValue(found.Mod, out Operation? writer))
        {
            // What an answered write did is compared when it is replayed.
            if (writer.Outcome == Outcome.Unknown && !Puts(writer).Any(step => step.Key == found.Key && step.Value == found.Value))
            {
                _problems.Add($"{found} was seen, but its revision was made by {writer}; seen by {reader}");
            }
        }
        else if (putters.FirstOrDefault(operation => operation.Outcome == Outcome.Unknown && !_attributed.Contains(operation)) is { } unknown)
        {
            _writers.Add(found.Mod, unknown);
            _seen.Add(found.Mod, found);
            _attributed.Add(unknown);
        }
        else
        {
            string why = putters.FirstOrDefault() is { } other ? $"only written by {other}" : "which nobody wrote";
            _problems.Add($"{found} was seen, {why}; seen by {reader}");
        }
    }

    /// <summary>Each revision that is left must be the work of some suspect that had begun before it was seen (Hall's condition, by counting).</summary>
    private void TakeTheRest(List<Operation> answered)
    {
        List<Operation> suspects = [.. Suspects];
        List<long> gaps = [];
        for (long revision = _initialRevision + 1; revision <= Last; revision++)
        {
            if (!_writers.ContainsKey(revision))
            {
                gaps.Add(revision);
            }
        }

        List<Operation> byRevision = [.. answered.OrderByDescending(operation => operation.Revision)];
        long seenAt = long.MaxValue;
        int next = 0;
        long[] seenBy = new long[gaps.Count];
        for (int gap = gaps.Count - 1; gap >= 0; gap--)
        {
            for (; next < byRevision.Count && byRevision[next].Revision >= gaps[gap]; next++)
            {
                seenAt = Math.Min(seenAt, byRevision[next].Return);
            }

            seenBy[gap] = seenAt;
        }

        int begun = 0;
        for (int gap = 0; gap < gaps.Count; gap++)
        {
            for (; begun < suspects.Count && suspects[begun].Invoke <= seenBy[gap]; begun++)
            {
            }

            if (begun <= gap)
            {
                _problems.Add($"revision {gaps[gap]} came from nowhere: no write that may have made it had begun by the time {seenBy[gap]} at which it was seen");
                return;
            }
        }
    }

    private static IEnumerable<Step> Puts(Operation operation) => operation.Then.Concat(operation.Else).Where(step => step.Kind == StepKind.Put);
}
