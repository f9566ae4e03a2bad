namespace Quorate.Checking;

/// <summary>What a check by revision found out.</summary>
/// <param name="Result">The verdict.</param>
/// <param name="Writes">What each revision changed: what watches are held against.</param>
public sealed record RevisionCheck(CheckResult Result, WriteHistory Writes);

/// <summary>
/// Strict serializability of a history whose answers carry revisions, in O(n log n): writes are replayed in order of revision,
/// every answer must be what the replay gives at its revision, and the order of revisions must respect real time. No acknowledged
/// write can be lost unseen as long as its key is read later (end a history with a read of everything).
/// </summary>
/// <remarks>
/// Writes of unknown outcome are recognized by their values; a revision that nothing was seen of leaves the keys it may have deleted
/// in doubt, and whatever depends on those alone is not judged. Everything else is. The store must begin empty.
/// </remarks>
public static class RevisionChecker
{
    /// <summary>Checks a history.</summary>
    /// <param name="history">The operations, in any order; all that wrote to the store.</param>
    /// <param name="initialRevision">The revision of the empty store it began with.</param>
    public static RevisionCheck Check(IReadOnlyList<Operation> history, long initialRevision = 1)
    {
        ArgumentNullException.ThrowIfNull(history);
        var problems = new ProblemList();
        var writes = new WriteHistory(initialRevision);
        foreach (Operation operation in history.Where(operation => operation.Outcome == Outcome.Ok))
        {
            if (operation.Results.Count != operation.Taken.Count || operation.Return < operation.Invoke || operation.Revision < initialRevision)
            {
                problems.Add($"malformed: {operation}");
            }
        }

        CheckResult early = problems.ToResult();
        if (early.Verdict == Verdict.Ok)
        {
            var attribution = new RevisionAttribution(history, initialRevision, problems);
            RealTimeOrder.Check(history, attribution, problems);
            new Replay(attribution, writes, problems).Run(history, initialRevision);
        }

        return new RevisionCheck(problems.ToResult(), writes);
    }
}
