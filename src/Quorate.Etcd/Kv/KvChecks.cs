using Quorate.Etcd.Contract;

namespace Quorate.Etcd;

/// <summary>What etcd refuses before a request reaches the log, in its order (etcd, <c>server/etcdserver/api/v3rpc/key.go</c>).</summary>
internal static class KvChecks
{
    public static void Check(RangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey();
        }

        if (!Enum.IsDefined(request.SortOrder) || !Enum.IsDefined(request.SortTarget))
        {
            throw EtcdErrors.InvalidSortOption();
        }
    }

    public static void Check(PutRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey();
        }

        if (request.IgnoreValue && !request.Value.IsEmpty)
        {
            throw EtcdErrors.ValueProvided();
        }

        if (request.IgnoreLease && request.Lease != 0)
        {
            throw EtcdErrors.LeaseProvided();
        }
    }

    public static void Check(DeleteRangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey();
        }
    }

    /// <summary>A nested transaction has what its parent leaves of the budget, so that depth is bounded too.</summary>
    public static void Check(TxnRequest request, int maxOperations)
    {
        int operations = Math.Max(request.Compare.Count, Math.Max(request.Success.Count, request.Failure.Count));
        if (operations > maxOperations)
        {
            throw EtcdErrors.TooManyOperations();
        }

        foreach (Contract.Compare compare in request.Compare)
        {
            if (compare.Key.IsEmpty)
            {
                throw EtcdErrors.EmptyKey();
            }
        }

        foreach (RequestOp operation in request.Success)
        {
            Check(operation, maxOperations - operations);
        }

        foreach (RequestOp operation in request.Failure)
        {
            Check(operation, maxOperations - operations);
        }
    }

    /// <summary>Whether a transaction of reads asks for nothing fresher than what this node has: it holds ranges, and all are serializable.</summary>
    public static bool IsSerializable(TxnRequest request)
    {
        IEnumerable<RequestOp> operations = request.Success.Concat(request.Failure);
        return operations.Any() && operations.All(operation => operation.RequestCase switch
        {
            RequestOp.RequestOneofCase.RequestRange => operation.RequestRange.Serializable,
            RequestOp.RequestOneofCase.RequestTxn => IsSerializable(operation.RequestTxn),
            _ => false,
        });
    }

    private static void Check(RequestOp operation, int operationsLeft)
    {
        switch (operation.RequestCase)
        {
            case RequestOp.RequestOneofCase.RequestRange:
                Check(operation.RequestRange);
                break;
            case RequestOp.RequestOneofCase.RequestPut:
                Check(operation.RequestPut);
                break;
            case RequestOp.RequestOneofCase.RequestDeleteRange:
                Check(operation.RequestDeleteRange);
                break;
            case RequestOp.RequestOneofCase.RequestTxn:
                Check(operation.RequestTxn, operationsLeft);
                break;
            default:
                throw EtcdErrors.KeyNotFound();
        }
    }
}
