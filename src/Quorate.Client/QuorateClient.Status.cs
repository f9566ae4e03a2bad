using Quorate.Client.Calls;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client;

/// <content>Status.</content>
public sealed partial class QuorateClient
{
    /// <summary>Asks one endpoint how it is.</summary>
    /// <param name="endpoint">One of <see cref="Endpoints"/>.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public async Task<EndpointStatus> StatusAsync(Uri endpoint, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Endpoint asked = _pool.Find(endpoint) ?? throw new ArgumentException($"{endpoint} is not one of this client's endpoints", nameof(endpoint));
        GrpcChannel channel = asked.Channel;
        try
        {
            StatusResponse status = await channel.UnaryAsync(
                EtcdMethods.MaintenanceStatus, new StatusRequest(), StatusResponse.Parser, deadline: timeout, cancellationToken: cancellationToken).ConfigureAwait(false);
            string name = await FindNameAsync(channel, status.Header.MemberId, timeout, cancellationToken).ConfigureAwait(false);
            return new EndpointStatus(
                endpoint, status.Header.ClusterId, status.Header.MemberId, name, status.Version, status.Leader, status.IsLearner, status.RaftTerm,
                status.RaftIndex, status.RaftAppliedIndex, status.Header.Revision, status.DbSize, status.DbSizeInUse, [.. status.Errors]);
        }
        catch (RpcException exception)
        {
            throw Failures.Translate(exception, asked, changesNothing: true);
        }
    }

    /// <summary>Names are for people: without them a status is still worth showing.</summary>
    private static async Task<string> FindNameAsync(GrpcChannel channel, ulong memberId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            MemberListResponse members = await channel.UnaryAsync(
                EtcdMethods.MemberList, new MemberListRequest(), MemberListResponse.Parser, deadline: timeout, cancellationToken: cancellationToken).ConfigureAwait(false);
            return members.Members.FirstOrDefault(member => member.ID == memberId)?.Name ?? "";
        }
        catch (RpcException)
        {
            return "";
        }
    }
}
