namespace Quorate.Checking;

/// <summary>
/// What each client may expect of its own operations in turn: reads see its own writes, and neither reads nor writes go back
/// (Terry et al. 1994). All of it follows from one watermark: revisions never fall, and each write gets a new one.
/// </summary>
public static class SessionChecker
{
    /// <summary>Checks the answered operations of each client in the order they began; linear but for the sort.</summary>
    /// <param name="history">The operations.</param>
    /// <param name="withSerializable">Whether serializable reads take part: right when each client stays with one node.</param>
    public static CheckResult Check(IReadOnlyList<Operation> history, bool withSerializable = false)
    {
        ArgumentNullException.ThrowIfNull(history);
        var problems = new ProblemList();
        IEnumerable<IGrouping<int, Operation>> clients = history
            .Where(operation => operation.Outcome == Outcome.Ok && (withSerializable || !operation.Serializable))
            .OrderBy(operation => operation.Invoke)
            .GroupBy(operation => operation.Client);
        foreach (IGrouping<int, Operation> client in clients)
        {
            Operation? newest = null;
            foreach (Operation operation in client)
            {
                bool isBehind = operation.Revision < (newest?.Revision ?? 0)
                    || (operation.MadeRevision && operation.Revision == newest?.Revision);
                if (isBehind)
                {
                    problems.Add($"session went back: {operation} — after {newest}");
                }
                else
                {
                    newest = operation;
                }
            }
        }

        return problems.ToResult();
    }
}
