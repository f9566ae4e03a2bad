namespace Quorate.State;

/// <summary>
/// Runs transactions in two passes. The first chooses the branches, nested ones too, on the state before any write, as etcd
/// does, and checks every operation on them; the second only writes and reads, and cannot fail.
/// </summary>
internal sealed class TxnExecutor(KeyspaceWriter keyspace, LeaseTable leases)
{
    private readonly List<bool> _path = [];
    private int _step;

    /// <summary>Whether the write can be done on the state as it is.</summary>
    public StateError CheckPut(in PutFields put)
    {
        if ((put.IgnoreValue || put.IgnoreLease) && !keyspace.TryFind(put.Key, out _, out _))
        {
            return StateError.KeyNotFound;
        }

        return put.Lease != 0 && !put.IgnoreLease && leases.Find(put.Lease) is null ? StateError.LeaseNotFound : StateError.None;
    }

    /// <summary>Chooses the branches and checks what is on them.</summary>
    public StateError Plan(TxnCommand txn, long compactRevision)
    {
        _path.Clear();
        _step = 0;
        StateError error = TxnRules.Verify(txn);
        return error != StateError.None ? error : PlanBranch(txn, compactRevision);
    }

    /// <summary>Runs the transaction that was just planned.</summary>
    public TxnResult? Execute(TxnCommand txn, bool wantResult)
    {
        bool succeeded = _path[_step++];
        IReadOnlyList<Command> operations = succeeded ? txn.Success : txn.Failure;
        var responses = new List<CommandResult>(wantResult ? operations.Count : 0);
        foreach (Command operation in operations)
        {
            CommandResult? response = Execute(operation, wantResult);
            if (response is not null)
            {
                responses.Add(response);
            }
        }

        return wantResult ? new TxnResult(keyspace.RevisionSoFar, succeeded, responses) : null;
    }

    public PutResult? Put(in PutFields put, bool wantResult)
    {
        KeyValue? previous = keyspace.Put(put, wantResult && put.ReturnPrevious);
        return wantResult ? new PutResult(keyspace.RevisionSoFar, previous) : null;
    }

    public DeleteRangeResult? Delete(DeleteRangeCommand delete, bool wantResult)
    {
        List<KeyValue>? previous = wantResult && delete.ReturnPrevious ? [] : null;
        long deleted = keyspace.Delete(delete.Range, previous);
        return wantResult ? new DeleteRangeResult(keyspace.RevisionSoFar, deleted, previous ?? []) : null;
    }

    private StateError PlanBranch(TxnCommand txn, long compactRevision)
    {
        bool succeeded = Guards.AllHold(keyspace.Reader, txn.Compares);
        _path.Add(succeeded);
        foreach (Command operation in succeeded ? txn.Success : txn.Failure)
        {
            StateError error = operation switch
            {
                PutCommand put => CheckPut(PutFields.Of(put)),
                RangeCommand range => CheckRevision(range.Query.Revision, compactRevision),
                TxnCommand nested => PlanBranch(nested, compactRevision),
                _ => StateError.None,
            };
            if (error != StateError.None)
            {
                return error;
            }
        }

        return StateError.None;
    }

    private StateError CheckRevision(long revision, long compactRevision)
    {
        if (revision > keyspace.Revision)
        {
            return StateError.FutureRevision;
        }

        return revision > 0 && revision < compactRevision ? StateError.Compacted : StateError.None;
    }

    private CommandResult? Execute(Command operation, bool wantResult) => operation switch
    {
        PutCommand put => Put(PutFields.Of(put), wantResult),
        DeleteRangeCommand delete => Delete(delete, wantResult),
        TxnCommand nested => Execute(nested, wantResult),
        RangeCommand range => wantResult ? Range(range.Query) : null,
        _ => throw new InvalidOperationException("The transaction was not planned."),
    };

    /// <summary>A range at no certain revision sees what the transaction has written so far.</summary>
    private RangeResult Range(RangeQuery query) =>
        RangeReader.Read(keyspace.Reader, query, query.Revision > 0 ? query.Revision : long.MaxValue, keyspace.RevisionSoFar);
}
