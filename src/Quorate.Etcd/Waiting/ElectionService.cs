using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary><c>v3electionpb.Election</c>: a lock whose key has a value, which everybody may watch.</summary>
internal sealed class ElectionService(DoorGroup group, LeaseService leases, Turn turn, ElectionObserver observer)
{
    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => ElectionReflection.Descriptor)
        .Unary<CampaignRequest, CampaignResponse>(EtcdMethods.ElectionCampaign, CampaignRequest.Parser, CampaignAsync, longWait: true)
        .Unary<ProclaimRequest, ProclaimResponse>(EtcdMethods.ElectionProclaim, ProclaimRequest.Parser, ProclaimAsync)
        .Unary<LeaderRequest, LeaderResponse>(EtcdMethods.ElectionLeader, LeaderRequest.Parser, LeaderAsync)
        .ServerStream<LeaderRequest, LeaderResponse>(EtcdMethods.ElectionObserve, LeaderRequest.Parser, observer.ObserveAsync)
        .Unary<ResignRequest, ResignResponse>(EtcdMethods.ElectionResign, ResignRequest.Parser, ResignAsync);

    private static LeaderKey Required(LeaderKey? leader) =>
        leader ?? throw EtcdErrors.Unmapped("\"leader\" field must be provided");

    private static RpcException NotLeader() => EtcdErrors.Unmapped("election: not leader");

    private async ValueTask<CampaignResponse> CampaignAsync(CampaignRequest request, ServerCall call)
    {
        group.RequireLeader(call);
        CancellationToken cancelled = call.CancellationToken;
        long lease = request.Lease != 0
            ? request.Lease
            : (await leases.GrantAsync(0, LockService.DefaultTtlSeconds, cancelled).ConfigureAwait(false)).Id;
        byte[] key = Turn.Key(request.Name.Span, lease);
        (long createRevision, State.KeyValue? found) = await turn.EnterAsync(key, request.Value.Memory, lease, cancelled).ConfigureAwait(false);
        if (found is not null && !found.Value.Span.SequenceEqual(request.Value.Span))
        {
            await ProclaimAsync(key, createRevision, request.Value.Memory, lease, cancelled).ConfigureAwait(false);
        }

        StateVersion version = await turn.WaitAsync(Turn.Prefix(request.Name.Span), key, createRevision, cancelled).ConfigureAwait(false)
            ?? throw NotLeader();
        return new CampaignResponse
        {
            Header = group.Header(version.Revision),
            Leader = new LeaderKey { Name = request.Name, Key = Bytes.Wrap(key), Rev = createRevision, Lease = lease },
        };
    }

    private async ValueTask<ProclaimResponse> ProclaimAsync(ProclaimRequest request, ServerCall call)
    {
        LeaderKey leader = Required(request.Leader);
        TxnResult result = await ProclaimAsync(leader.Key.Memory, leader.Rev, request.Value.Memory, leader.Lease, call.CancellationToken).ConfigureAwait(false);
        return new ProclaimResponse { Header = group.Header(result.Revision) };
    }

    private async ValueTask<TxnResult> ProclaimAsync(
        ReadOnlyMemory<byte> key,
        long createRevision,
        ReadOnlyMemory<byte> value,
        long lease,
        CancellationToken cancellationToken)
    {
        TxnCommand command = new(
            [new State.Compare(new KeyRange(key, default), CompareTarget.Create, CompareResult.Equal, createRevision, default)],
            [new PutCommand(key, value, lease)],
            []);
        var result = (TxnResult)await group.ProposeAsync(command, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result : throw NotLeader();
    }

    private async ValueTask<LeaderResponse> LeaderAsync(LeaderRequest request, ServerCall call)
    {
        StateVersion version = await group.ReadAsync(call).ConfigureAwait(false);
        State.KeyValue leader = Turn.Holder(version, Turn.Prefix(request.Name.Span)) ?? throw EtcdErrors.Unmapped("election: no leader");
        return new LeaderResponse { Header = group.Header(version.Revision), Kv = Bytes.Wrap(leader) };
    }

    private async ValueTask<ResignResponse> ResignAsync(ResignRequest request, ServerCall call)
    {
        LeaderKey leader = Required(request.Leader);
        TxnResult result = await turn.LeaveAsync(leader.Key.Memory, leader.Rev, call.CancellationToken).ConfigureAwait(false);
        return new ResignResponse { Header = group.Header(result.Revision) };
    }
}
