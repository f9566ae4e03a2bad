using Google.Protobuf.Collections;
using Quorate.Etcd.Contract;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>Requests as commands and queries.</summary>
internal static class KvCommands
{
    public static RangeQuery Query(RangeRequest request) => new(new KeyRange(request.Key.Memory, request.RangeEnd.Memory))
    {
        Limit = request.Limit,
        Revision = request.Revision,
        SortOrder = (SortOrder)request.SortOrder,
        SortTarget = (SortTarget)request.SortTarget,
        KeysOnly = request.KeysOnly,
        CountOnly = request.CountOnly,
        MinModRevision = request.MinModRevision,
        MaxModRevision = request.MaxModRevision,
        MinCreateRevision = request.MinCreateRevision,
        MaxCreateRevision = request.MaxCreateRevision,
    };

    public static PutCommand Put(PutRequest request) => new(
        request.Key.Memory,
        request.Value.Memory,
        request.Lease,
        request.PrevKv,
        request.IgnoreValue,
        request.IgnoreLease);

    public static DeleteRangeCommand DeleteRange(DeleteRangeRequest request) =>
        new(new KeyRange(request.Key.Memory, request.RangeEnd.Memory), request.PrevKv);

    public static TxnCommand Txn(TxnRequest request)
    {
        var compares = new State.Compare[request.Compare.Count];
        for (int index = 0; index < compares.Length; index++)
        {
            compares[index] = Compare(request.Compare[index]);
        }

        return new TxnCommand(compares, Operations(request.Success), Operations(request.Failure));
    }

    private static Command[] Operations(RepeatedField<RequestOp> operations)
    {
        var commands = new Command[operations.Count];
        for (int index = 0; index < commands.Length; index++)
        {
            RequestOp operation = operations[index];
            commands[index] = operation.RequestCase switch
            {
                RequestOp.RequestOneofCase.RequestRange => new RangeCommand(Query(operation.RequestRange)),
                RequestOp.RequestOneofCase.RequestPut => Put(operation.RequestPut),
                RequestOp.RequestOneofCase.RequestDeleteRange => DeleteRange(operation.RequestDeleteRange),
                RequestOp.RequestOneofCase.RequestTxn => Txn(operation.RequestTxn),
                _ => throw EtcdErrors.KeyNotFound(),
            };
        }

        return commands;
    }

    /// <summary>A compare without its number or value compares with zero or with nothing, as protobuf's defaults do.</summary>
    private static State.Compare Compare(Contract.Compare compare)
    {
        long number = compare.TargetUnionCase switch
        {
            Contract.Compare.TargetUnionOneofCase.Version => compare.Version,
            Contract.Compare.TargetUnionOneofCase.CreateRevision => compare.CreateRevision,
            Contract.Compare.TargetUnionOneofCase.ModRevision => compare.ModRevision,
            Contract.Compare.TargetUnionOneofCase.Lease => compare.Lease,
            _ => 0,
        };
        return new State.Compare(
            new KeyRange(compare.Key.Memory, compare.RangeEnd.Memory),
            (CompareTarget)compare.Target,
            (CompareResult)compare.Result,
            number,
            compare.TargetUnionCase == Contract.Compare.TargetUnionOneofCase.Value ? compare.Value.Memory : default);
    }
}
