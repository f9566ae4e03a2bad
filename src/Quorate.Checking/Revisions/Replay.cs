namespace Quorate.Checking;

/// <summary>Runs the writes of a history in order of revision and holds every answer against what is there.</summary>
internal sealed class Replay(RevisionAttribution attribution, WriteHistory writes, ProblemList problems)
{
    private readonly ReplayedKeyspace _keyspace = new(attribution.Suspects);

    public void Run(IReadOnlyList<Operation> history, long initialRevision)
    {
        ILookup<long, Operation> readers = history
            .Where(operation => operation.Outcome == Outcome.Ok && !operation.MadeRevision)
            .ToLookup(operation => operation.Revision);
        for (long revision = initialRevision; revision <= attribution.Last; revision++)
        {
            if (revision > initialRevision)
            {
                writes.Add(Write(revision));
            }

            foreach (Operation reader in readers[revision])
            {
                Perform(reader, reader.Revision, reader.TookElse, reader.Results);
            }
        }
    }

    /// <summary>Makes a revision.</summary>
    /// <returns>Its changes, if they can be told.</returns>
    private RecordedRevision? Write(long revision)
    {
        Operation? writer = attribution.WriterOf(revision);
        if (writer is null)
        {
            _keyspace.Doubt(revision);
            return null;
        }

        if (writer.Outcome == Outcome.Ok)
        {
            return Perform(writer, revision, writer.TookElse, writer.Results);
        }

        return Perform(writer, revision, attribution.SeenInElse(revision), null);
    }

    private RecordedRevision Perform(Operation operation, long revision, bool tookElse, IReadOnlyList<StepResult>? results)
    {
        var changes = new List<RecordedChange>();
        bool isWhole = true;
        if (_keyspace.Holds(operation.If) is { } holds && holds == tookElse)
        {
            problems.Add($"the guards {(holds ? "held" : "did not hold")}, yet the other branch was taken: {operation}");
        }

        IReadOnlyList<Step> steps = tookElse ? operation.Else : operation.Then;
        for (int index = 0; index < steps.Count; index++)
        {
            Step step = steps[index];
            switch (step.Kind)
            {
                case StepKind.Put:
                    changes.Add(_keyspace.Put(step.Key, step.Value ?? "", revision));
                    break;
                case StepKind.Delete:
                    isWhole &= Delete(operation, step, revision, results?[index], changes);
                    break;
                default:
                    if (results is not null)
                    {
                        CompareRead(operation, step, revision, results[index].Found ?? []);
                    }

                    break;
            }
        }

        return new RecordedRevision(changes, isWhole);
    }

    /// <summary>Deletes, and compares the count.</summary>
    /// <returns>Whether everything that went is known.</returns>
    private bool Delete(Operation operation, Step step, long revision, StepResult? result, List<RecordedChange> changes)
    {
        bool mayHide = _keyspace.MayHideIn(step);
        List<RecordedChange> deleted = _keyspace.Delete(step, revision);
        int atLeast = deleted.Count(change => change.Certain);
        bool isExact = atLeast == deleted.Count && !mayHide;
        if (result is not null && (result.Deleted < atLeast || (isExact && result.Deleted > atLeast)))
        {
            problems.Add($"there were {(isExact ? "" : "at least ")}{atLeast} keys to delete: {operation}");
        }

        // Once the count is as high as it can be, nothing about it is in doubt.
        bool isSettled = result is not null && !mayHide && result.Deleted == deleted.Count;
        changes.AddRange(isSettled ? deleted.Select(change => change with { Certain = true }) : deleted);
        return !mayHide;
    }

    private void CompareRead(Operation operation, Step step, long revision, IReadOnlyList<KeyVersion> found)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string last = "";
        foreach (KeyVersion version in found)
        {
            if (!step.Covers(version.Key) || !seen.Add(version.Key) || string.CompareOrdinal(version.Key, last) < 0)
            {
                problems.Add($"a read gave a key it was not asked for, twice, or out of order: {operation}");
            }

            last = version.Key;
            CompareKey(operation, version);
        }

        foreach (string key in _keyspace.PresentIn(step))
        {
            if (!seen.Contains(key) && !_keyspace.MayBeGone(key))
            {
                problems.Add($"a read missed {_keyspace.Find(key).Current}: {operation}");
            }

            _keyspace.Settle(key, seen.Contains(key), revision);
        }
    }

    private void CompareKey(Operation operation, KeyVersion found)
    {
        (KeyVersion? expected, bool areCountersKnown) = _keyspace.Find(found.Key);
        bool isSame = expected is not null && (areCountersKnown
            ? found == expected
            : found.Value == expected.Value && found.Mod == expected.Mod);
        if (!isSame)
        {
            problems.Add($"a read gave {found} where {expected?.ToString() ?? "nothing"} was: {operation}");
        }
    }
}
