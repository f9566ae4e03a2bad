using Quorate.Consensus;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Etcd;

/// <summary><c>etcdserverpb.Cluster</c>: so far it only tells the members.</summary>
internal sealed class ClusterService(DoorGroup group)
{
    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => ClusterReflection.Descriptor)
        .Unary<MemberListRequest, MemberListResponse>(EtcdMethods.MemberList, MemberListRequest.Parser, ListAsync)
        .Unary<MemberAddRequest, MemberAddResponse>(EtcdMethods.MemberAdd, MemberAddRequest.Parser, (_, _) => throw NotYet())
        .Unary<MemberRemoveRequest, MemberRemoveResponse>(EtcdMethods.MemberRemove, MemberRemoveRequest.Parser, (_, _) => throw NotYet())
        .Unary<MemberUpdateRequest, MemberUpdateResponse>(EtcdMethods.MemberUpdate, MemberUpdateRequest.Parser, (_, _) => throw NotYet())
        .Unary<MemberPromoteRequest, MemberPromoteResponse>(EtcdMethods.MemberPromote, MemberPromoteRequest.Parser, (_, _) => throw NotYet());

    private static RpcException NotYet() => EtcdErrors.NotYet("changing the members of a running cluster");

    private async ValueTask<MemberListResponse> ListAsync(MemberListRequest request, ServerCall call)
    {
        if (request.Linearizable)
        {
            await group.ReadAsync(call).ConfigureAwait(false);
        }

        // etcd's cluster service knows no revision: its headers carry none.
        MemberListResponse response = new() { Header = group.Header(0) };
        foreach (Consensus.Member member in group.Inner.Status.Configuration?.Members ?? [])
        {
            response.Members.Add(new Contract.Member
            {
                ID = member.Id.Value,
                Name = member.Name,
                PeerURLs = { "http://" + member.PeerAddress },
                ClientURLs = { member.ClientUrl },
                IsLearner = member.Role == MemberRole.Learner,
            });
        }

        return response;
    }
}
