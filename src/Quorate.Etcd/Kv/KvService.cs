using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary><c>etcdserverpb.KV</c>.</summary>
internal sealed class KvService(DoorGroup group, EtcdDoorOptions options)
{
    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => KvReflection.Descriptor)
        .Unary<RangeRequest, RangeResponse>(EtcdMethods.Range, RangeRequest.Parser, RangeAsync)
        .Unary<PutRequest, PutResponse>(EtcdMethods.Put, PutRequest.Parser, PutAsync)
        .Unary<DeleteRangeRequest, DeleteRangeResponse>(EtcdMethods.DeleteRange, DeleteRangeRequest.Parser, DeleteRangeAsync)
        .Unary<TxnRequest, TxnResponse>(EtcdMethods.Txn, TxnRequest.Parser, TxnAsync)
        .Unary<CompactionRequest, CompactionResponse>(EtcdMethods.Compact, CompactionRequest.Parser, CompactAsync);

    private async ValueTask<RangeResponse> RangeAsync(RangeRequest request, ServerCall call)
    {
        KvChecks.Check(request);
        StateVersion version = request.Serializable ? group.LocalState : await group.ReadAsync(call).ConfigureAwait(false);
        try
        {
            RangeResult result = version.Range(KvCommands.Query(request));
            return KvResponses.Range(result, group.Header(result.Revision));
        }
        catch (StateException exception)
        {
            throw EtcdErrors.From(exception.Error);
        }
    }

    private async ValueTask<PutResponse> PutAsync(PutRequest request, ServerCall call)
    {
        KvChecks.Check(request);
        CheckSize(request.Key.Length + request.Value.Length);
        CommandResult result = await group.ProposeAsync(KvCommands.Put(request), call).ConfigureAwait(false);
        return KvResponses.Put((PutResult)result, group.Header(result.Revision));
    }

    private async ValueTask<DeleteRangeResponse> DeleteRangeAsync(DeleteRangeRequest request, ServerCall call)
    {
        KvChecks.Check(request);
        CheckSize(request.Key.Length + request.RangeEnd.Length);
        CommandResult result = await group.ProposeAsync(KvCommands.DeleteRange(request), call).ConfigureAwait(false);
        return KvResponses.DeleteRange((DeleteRangeResult)result, group.Header(result.Revision));
    }

    private async ValueTask<TxnResponse> TxnAsync(TxnRequest request, ServerCall call)
    {
        KvChecks.Check(request, options.MaxTxnOperations);
        CheckSize(request.CalculateSize());
        TxnCommand command = KvCommands.Txn(request);
        StateError error = TxnRules.Verify(command);
        if (error != StateError.None)
        {
            throw EtcdErrors.From(error);
        }

        CommandResult result = TxnRules.IsReadOnly(command)
            ? await ReadAsync(request, command, call).ConfigureAwait(false)
            : await group.ProposeAsync(command, call).ConfigureAwait(false);
        return KvResponses.Txn((TxnResult)result, group.Header(result.Revision));
    }

    /// <summary>
    /// A transaction that only reads stays out of the log. As in etcd it is a local read when all its ranges are; one without any range is
    /// linearizable here, where etcd answers a bare compare from whatever it has.
    /// </summary>
    private async ValueTask<TxnResult> ReadAsync(TxnRequest request, TxnCommand command, ServerCall call)
    {
        StateVersion version = KvChecks.IsSerializable(request) ? group.LocalState : await group.ReadAsync(call).ConfigureAwait(false);
        try
        {
            return version.Read(command);
        }
        catch (StateException exception)
        {
            throw EtcdErrors.From(exception.Error);
        }
    }

    /// <summary>A physical compaction is asked for by those who want the space now; the space is given back in the background here.</summary>
    private async ValueTask<CompactionResponse> CompactAsync(CompactionRequest request, ServerCall call)
    {
        CommandResult result = await group.ProposeAsync(new CompactCommand(request.Revision), call).ConfigureAwait(false);
        return new CompactionResponse { Header = group.Header(result.Revision) };
    }

    private void CheckSize(int bytes)
    {
        if (bytes > options.MaxRequestBytes)
        {
            throw EtcdErrors.RequestTooLarge();
        }
    }
}
