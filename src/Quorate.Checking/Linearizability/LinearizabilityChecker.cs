namespace Quorate.Checking;

/// <summary>
/// Linearizability by search, without a look at revisions: the independent opinion. Values, versions, guards and counts of answers
/// are compared; revisions inside them are not, and guards on revisions are not supported.
/// </summary>
/// <remarks>
/// Wing and Gong's search (1993) with Lowe's memo of (operations done, state) (2016). Its cost grows exponentially with how many
/// operations overlap and how many are of unknown outcome, and about linearly with the length: keep to ten clients or so and a
/// thousand operations a key.
/// </remarks>
public static class LinearizabilityChecker
{
    /// <summary>Checks a history that began with an empty store; serializable reads are left out.</summary>
    /// <param name="history">The operations, in any order.</param>
    /// <param name="maxSteps">Most operations to try, over all keys; beyond it the verdict is <see cref="Verdict.Unknown"/>.</param>
    /// <exception cref="NotSupportedException">A guard looks at a revision.</exception>
    public static CheckResult Check(IReadOnlyList<Operation> history, long maxSteps = 20_000_000)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Any(operation => operation.If.Any(guard => guard.Target is GuardTarget.Create or GuardTarget.Mod)))
        {
            throw new NotSupportedException("Guards on revisions need the check by revision.");
        }

        long left = maxSteps;
        var problems = new ProblemList();
        bool isUndecided = false;
        foreach ((string[] keys, List<Operation> operations) in KeyPartition.Split([.. history.Where(operation => !operation.Serializable)]))
        {
            var search = new LinearizationSearch(keys, operations);
            Verdict verdict = search.Run(ref left);
            isUndecided |= verdict == Verdict.Unknown;
            if (verdict == Verdict.Violation)
            {
                problems.Add(search.Explain());
            }
        }

        CheckResult result = problems.ToResult();
        return result.Verdict == Verdict.Ok && isUndecided
            ? new CheckResult(Verdict.Unknown, [$"gave up after {maxSteps} steps"])
            : result;
    }
}
