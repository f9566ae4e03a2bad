using Google.Protobuf;
using Google.Protobuf.Collections;
using Contract = Quorate.Etcd.Contract;

namespace Quorate.Client;

/// <summary>Between the client's types and those of the wire.</summary>
internal static class Wire
{
    /// <summary>Without a copy: requests are written out before a call returns to whoever owns the bytes.</summary>
    public static ByteString Bytes(ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);

    public static Contract.RangeRequest Range(KeyRange range, RangeOptions? options)
    {
        options ??= new RangeOptions();
        return new Contract.RangeRequest
        {
            Key = range.WireKey,
            RangeEnd = range.WireEnd,
            Limit = options.Limit,
            Revision = options.Revision,
            Serializable = options.IsSerializable,
            KeysOnly = options.KeysOnly,
            CountOnly = options.CountOnly,
            SortTarget = (Contract.RangeRequest.Types.SortTarget)options.SortBy,
            SortOrder = options switch
            {
                { IsDescending: true } => Contract.RangeRequest.Types.SortOrder.Descend,
                { SortBy: not SortBy.Key } => Contract.RangeRequest.Types.SortOrder.Ascend,
                _ => Contract.RangeRequest.Types.SortOrder.None,
            },
        };
    }

    public static Contract.PutRequest Put(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, PutOptions? options)
    {
        options ??= new PutOptions();
        return new Contract.PutRequest
        {
            Key = Bytes(key),
            Value = Bytes(value),
            Lease = options.LeaseId,
            PrevKv = options.ReturnPrevious,
            IgnoreValue = options.KeepValue,
            IgnoreLease = options.KeepLease,
        };
    }

    public static Contract.DeleteRangeRequest Delete(KeyRange range, bool returnPrevious) =>
        new() { Key = range.WireKey, RangeEnd = range.WireEnd, PrevKv = returnPrevious };

    public static KeyValue? KeyValue(Contract.KeyValue? wire) => wire is null
        ? null
        : new KeyValue(wire.Key.Memory, wire.Value.Memory, wire.CreateRevision, wire.ModRevision, wire.Version, wire.Lease);

    public static KeyValue[] KeyValues(RepeatedField<Contract.KeyValue> wire) => [.. wire.Select(item => KeyValue(item)!)];

    public static RangeResult Result(Contract.RangeResponse wire) =>
        new(wire.Header?.Revision ?? 0, KeyValues(wire.Kvs), wire.Count, wire.More);

    public static PutResult Result(Contract.PutResponse wire) => new(wire.Header?.Revision ?? 0, KeyValue(wire.PrevKv));

    public static DeleteResult Result(Contract.DeleteRangeResponse wire) =>
        new(wire.Header?.Revision ?? 0, wire.Deleted, KeyValues(wire.PrevKvs));

    public static TxnResult Result(Contract.TxnResponse wire) => new(wire.Header?.Revision ?? 0, wire.Succeeded, [.. wire.Responses.Select(Result)]);

    private static OperationResult Result(Contract.ResponseOp wire) => wire.ResponseCase switch
    {
        Contract.ResponseOp.ResponseOneofCase.ResponseRange => Result(wire.ResponseRange),
        Contract.ResponseOp.ResponseOneofCase.ResponsePut => Result(wire.ResponsePut),
        Contract.ResponseOp.ResponseOneofCase.ResponseDeleteRange => Result(wire.ResponseDeleteRange),
        Contract.ResponseOp.ResponseOneofCase.ResponseTxn => Result(wire.ResponseTxn),
        _ => throw new QuorateException(QuorateError.Other, RequestOutcome.Unknown, "the server answered an operation with nothing"),
    };
}
