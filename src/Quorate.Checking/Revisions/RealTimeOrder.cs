namespace Quorate.Checking;

/// <summary>What had been answered before an operation began lies before it: reads may not be older, writes must be newer.</summary>
internal static class RealTimeOrder
{
    public static void Check(IReadOnlyList<Operation> history, RevisionAttribution attribution, ProblemList problems)
    {
        var byReturn = history.Where(operation => operation.Outcome == Outcome.Ok).OrderBy(operation => operation.Return).ToList();
        IEnumerable<(Operation Operation, long Revision, bool IsWrite)> placed = history
            .Where(operation => operation.Outcome == Outcome.Ok && !operation.Serializable)
            .Select(operation => (operation, operation.Revision, operation.MadeRevision))
            .Concat(Unanswered(history, attribution))
            .OrderBy(place => place.Item1.Invoke);
        Operation? newest = null;
        int next = 0;
        foreach ((Operation operation, long revision, bool isWrite) in placed)
        {
            for (; next < byReturn.Count && byReturn[next].Return < operation.Invoke; next++)
            {
                newest = newest is null || byReturn[next].Revision > newest.Revision ? byReturn[next] : newest;
            }

            if (newest is not null && (revision < newest.Revision || (isWrite && revision == newest.Revision)))
            {
                string what = isWrite ? "a write took effect before it began" : "a stale read";
                problems.Add($"{what}: {operation} at revision {revision} — began after {newest}");
            }
        }
    }

    private static IEnumerable<(Operation Operation, long Revision, bool IsWrite)> Unanswered(IReadOnlyList<Operation> history, RevisionAttribution attribution)
    {
        var unknown = new HashSet<Operation>(history.Where(operation => operation.Outcome == Outcome.Unknown), ReferenceEqualityComparer.Instance);
        for (long revision = attribution.First; revision <= attribution.Last; revision++)
        {
            if (attribution.WriterOf(revision) is { } writer && unknown.Contains(writer))
            {
                yield return (writer, revision, true);
            }
        }
    }
}
