namespace Quorate.State;

/// <summary>
/// What a transaction must keep to whatever the state is: a door checks it before it proposes, apply checks it again.
/// </summary>
public static class TxnRules
{
    /// <summary>
    /// Most transactions that may enclose a command. etcd's budget of 128 operations shrinks by at least one a level, so no
    /// transaction that it accepts is deeper.
    /// </summary>
    public const int MaxDepth = 128;

    /// <summary>Most operations and compares in a transaction with all that is nested in it, so that checking and applying stay short.</summary>
    public const int MaxOperations = 16384;

    /// <summary>
    /// Checks shape and size, and that no two writes of one branch touch the same key: two puts, or a put and a deletion. Two
    /// deletions may overlap, and so may the two branches of one nested transaction, of which only one runs.
    /// </summary>
    /// <returns><see cref="StateError.None"/>, <see cref="StateError.DuplicateKey"/> or <see cref="StateError.Malformed"/>.</returns>
    public static StateError Verify(TxnCommand txn)
    {
        int budget = MaxOperations;
        if (!IsWellFormed(txn, depth: 0, ref budget))
        {
            return StateError.Malformed;
        }

        return WriteSet.TryGather(txn.Success, out _) && WriteSet.TryGather(txn.Failure, out _) ? StateError.None : StateError.DuplicateKey;
    }

    /// <summary>
    /// Whether no branch of it, nested ones included, can write: such a transaction is a read, see <see cref="StateVersion.Read"/>.
    /// Only for transactions that <see cref="Verify"/> has passed.
    /// </summary>
    public static bool IsReadOnly(TxnCommand txn) => txn.Success.All(IsRead) && txn.Failure.All(IsRead);

    internal static bool MayBeNested(Command command) => command is PutCommand or DeleteRangeCommand or RangeCommand or TxnCommand;

    private static bool IsRead(Command operation) => operation is RangeCommand || (operation is TxnCommand nested && IsReadOnly(nested));

    private static bool IsWellFormed(TxnCommand txn, int depth, ref int budget)
    {
        budget -= txn.Compares.Count + txn.Success.Count + txn.Failure.Count;
        return budget >= 0
            && depth < MaxDepth
            && AreWellFormed(txn.Success, depth, ref budget)
            && AreWellFormed(txn.Failure, depth, ref budget);
    }

    private static bool AreWellFormed(IReadOnlyList<Command> operations, int depth, ref int budget)
    {
        foreach (Command operation in operations)
        {
            if (!MayBeNested(operation) || (operation is TxnCommand nested && !IsWellFormed(nested, depth + 1, ref budget)))
            {
                return false;
            }
        }

        return true;
    }
}
