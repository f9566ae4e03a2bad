using Quorate.Client.Calls;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client;

/// <content>Leases.</content>
public sealed partial class QuorateClient
{
    /// <summary>Grants a lease that ends by itself when nobody renews it.</summary>
    /// <param name="timeToLive">In whole seconds; the server may raise it.</param>
    /// <param name="leaseId">Its id; 0 lets the server choose.</param>
    /// <param name="cancellationToken">Stops waiting; the lease may still come into being.</param>
    public async Task<LeaseInfo> GrantLeaseAsync(TimeSpan timeToLive, long leaseId = 0, CancellationToken cancellationToken = default)
    {
        LeaseGrantRequest request = new() { TTL = (long)Math.Ceiling(timeToLive.TotalSeconds), ID = leaseId };
        LeaseGrantResponse response = await _caller.CallAsync(
            EtcdMethods.LeaseGrant, request, LeaseGrantResponse.Parser, CallKind.Once, cancellationToken).ConfigureAwait(false);
        TimeSpan granted = TimeSpan.FromSeconds(response.TTL);
        return new LeaseInfo(response.ID, granted, granted, []);
    }

    /// <summary>Grants a lease and keeps it alive until the handle is disposed, which revokes it.</summary>
    public async Task<LeaseHandle> HoldLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        long askedAtMs = Environment.TickCount64;
        LeaseInfo lease = await GrantLeaseAsync(timeToLive, 0, cancellationToken).ConfigureAwait(false);
        return new LeaseHandle(this, lease.Id, lease.Granted, askedAtMs);
    }

    /// <summary>Ends a lease and deletes the keys that hang on it.</summary>
    /// <exception cref="QuorateException">With <see cref="QuorateError.LeaseNotFound"/> when it is gone already.</exception>
    public async Task RevokeLeaseAsync(long leaseId, CancellationToken cancellationToken = default) =>
        await _caller.CallAsync(
            EtcdMethods.LeaseRevoke, new LeaseRevokeRequest { ID = leaseId }, LeaseRevokeResponse.Parser, CallKind.Once, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Renews a lease once.</summary>
    /// <returns>What it has to live now; <see langword="null"/> when there is no such lease.</returns>
    public async Task<TimeSpan?> RenewLeaseAsync(long leaseId, CancellationToken cancellationToken = default)
    {
        LeaseKeepAliveResponse response = await _caller.RunAsync(
            async (channel, deadline, token) =>
            {
                await using DuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call = OpenKeepAlive(channel, deadline, token);
                await call.WriteAsync(new LeaseKeepAliveRequest { ID = leaseId }, token).ConfigureAwait(false);
                return await call.ReadAsync(token).ConfigureAwait(false) ?? throw new RpcException(StatusCode.Unavailable, "the server ended the renewals");
            },
            CallKind.Repeatable,
            cancellationToken).ConfigureAwait(false);
        return response.TTL > 0 ? TimeSpan.FromSeconds(response.TTL) : null;
    }

    /// <summary>What a lease has left.</summary>
    /// <returns><see langword="null"/> when there is no such lease.</returns>
    public async Task<LeaseInfo?> GetLeaseAsync(long leaseId, bool withKeys = false, CancellationToken cancellationToken = default)
    {
        LeaseTimeToLiveResponse response = await _caller.CallAsync(
            EtcdMethods.LeaseTimeToLive, new LeaseTimeToLiveRequest { ID = leaseId, Keys = withKeys },
            LeaseTimeToLiveResponse.Parser, CallKind.Repeatable, cancellationToken).ConfigureAwait(false);
        return response.TTL < 0
            ? null
            : new LeaseInfo(
                leaseId, TimeSpan.FromSeconds(response.TTL), TimeSpan.FromSeconds(response.GrantedTTL), [.. response.Keys.Select(key => key.Memory)]);
    }

    /// <summary>The ids of all leases.</summary>
    public async Task<IReadOnlyList<long>> ListLeasesAsync(CancellationToken cancellationToken = default)
    {
        LeaseLeasesResponse response = await _caller.CallAsync(
            EtcdMethods.LeaseLeases, new LeaseLeasesRequest(), LeaseLeasesResponse.Parser, CallKind.Repeatable, cancellationToken).ConfigureAwait(false);
        return [.. response.Leases.Select(lease => lease.ID)];
    }

    internal EndpointPool Pool => _pool;

    internal static DuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> OpenKeepAlive(
        GrpcChannel channel, TimeSpan? deadline, CancellationToken cancellationToken) =>
        channel.OpenDuplex<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(
            EtcdMethods.LeaseKeepAlive, LeaseKeepAliveResponse.Parser, deadline: deadline, cancellationToken: cancellationToken);
}
