using Quorate.Etcd.Contract;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>Results as responses.</summary>
internal static class KvResponses
{
    public static RangeResponse Range(RangeResult result, ResponseHeader header)
    {
        RangeResponse response = new() { Header = header, More = result.More, Count = result.Count };
        response.Kvs.Capacity = result.KeyValues.Count;
        foreach (State.KeyValue found in result.KeyValues)
        {
            response.Kvs.Add(Bytes.Wrap(found));
        }

        return response;
    }

    public static PutResponse Put(PutResult result, ResponseHeader header) => new()
    {
        Header = header,
        PrevKv = result.Previous is null ? null : Bytes.Wrap(result.Previous),
    };

    public static DeleteRangeResponse DeleteRange(DeleteRangeResult result, ResponseHeader header)
    {
        DeleteRangeResponse response = new() { Header = header, Deleted = result.Deleted };
        response.PrevKvs.Capacity = result.Previous.Count;
        foreach (State.KeyValue deleted in result.Previous)
        {
            response.PrevKvs.Add(Bytes.Wrap(deleted));
        }

        return response;
    }

    public static TxnResponse Txn(TxnResult result, ResponseHeader header)
    {
        TxnResponse response = new() { Header = header, Succeeded = result.Succeeded };
        response.Responses.Capacity = result.Responses.Count;
        foreach (CommandResult operation in result.Responses)
        {
            response.Responses.Add(Operation(operation));
        }

        return response;
    }

    /// <summary>The header of an operation inside a transaction carries the revision alone.</summary>
    private static ResponseOp Operation(CommandResult result)
    {
        ResponseHeader header = new() { Revision = result.Revision };
        return result switch
        {
            RangeResult range => new ResponseOp { ResponseRange = Range(range, header) },
            PutResult put => new ResponseOp { ResponsePut = Put(put, header) },
            DeleteRangeResult delete => new ResponseOp { ResponseDeleteRange = DeleteRange(delete, header) },
            TxnResult txn => new ResponseOp { ResponseTxn = Txn(txn, header) },
            _ => throw new InvalidOperationException($"A transaction cannot hold a {result.GetType().Name}."),
        };
    }
}
