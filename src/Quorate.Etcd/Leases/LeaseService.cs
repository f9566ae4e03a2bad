using System.Security.Cryptography;
using System.Threading.Channels;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary><c>etcdserverpb.Lease</c>.</summary>
internal sealed class LeaseService(DoorGroup group, LeaderWatch leader, EtcdDoorOptions options)
{
    /// <summary>About 285 years: etcd's bound, below which its timers do not overflow.</summary>
    private const long MaxTtlSeconds = 9_000_000_000;

    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => LeaseReflection.Descriptor)
        .Unary<LeaseGrantRequest, LeaseGrantResponse>(EtcdMethods.LeaseGrant, LeaseGrantRequest.Parser, GrantAsync)
        .Unary<LeaseRevokeRequest, LeaseRevokeResponse>(EtcdMethods.LeaseRevoke, LeaseRevokeRequest.Parser, RevokeAsync)
        .Duplex<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(EtcdMethods.LeaseKeepAlive, LeaseKeepAliveRequest.Parser, KeepAliveAsync)
        .Unary<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>(EtcdMethods.LeaseTimeToLive, LeaseTimeToLiveRequest.Parser, TimeToLiveAsync)
        .Unary<LeaseLeasesRequest, LeaseLeasesResponse>(EtcdMethods.LeaseLeases, LeaseLeasesRequest.Parser, LeasesAsync);

    /// <summary>Grants a lease; an id of 0 takes a random one, and again another in the unlikely case that it is in use.</summary>
    public async ValueTask<LeaseGrantResult> GrantAsync(long id, long ttlSeconds, CancellationToken cancellationToken) =>
        (LeaseGrantResult)await group.ProposeAsync(Command(id, ttlSeconds), cancellationToken).ConfigureAwait(false);

    private LeaseGrantCommand Command(long id, long ttlSeconds)
    {
        if (ttlSeconds > MaxTtlSeconds)
        {
            throw EtcdErrors.LeaseTtlTooLarge();
        }

        // A lease shorter than an election would end with its leader, whatever its holder does.
        long minSeconds = (long)Math.Ceiling(1.5 * group.Inner.ElectionTimeout.TotalSeconds);
        return new LeaseGrantCommand(id == 0 ? RandomId() : id, Math.Max(ttlSeconds, minSeconds));
    }

    private static long RandomId() => (BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue) | 1;

    private async ValueTask<LeaseGrantResponse> GrantAsync(LeaseGrantRequest request, ServerCall call)
    {
        var granted = (LeaseGrantResult)await group.ProposeAsync(Command(request.ID, request.TTL), call).ConfigureAwait(false);
        return new LeaseGrantResponse { Header = group.Header(granted.Revision), ID = granted.Id, TTL = granted.TtlSeconds };
    }

    private async ValueTask<LeaseRevokeResponse> RevokeAsync(LeaseRevokeRequest request, ServerCall call)
    {
        CommandResult result = await group.ProposeAsync(new LeaseRevokeCommand(request.ID), call).ConfigureAwait(false);
        return new LeaseRevokeResponse { Header = group.Header(result.Revision) };
    }

    /// <summary>
    /// Answers in the order of the requests, but asks the group for many at once: a client sends the keep-alives of all its
    /// leases over one stream, and each waits for its entry to be applied.
    /// </summary>
    private async Task KeepAliveAsync(
        MessageReader<LeaseKeepAliveRequest> requests,
        MessageWriter<LeaseKeepAliveResponse> responses,
        ServerCall call)
    {
        using StreamLife life = new(call, leader);
        Channel<Task<LeaseKeepAliveResponse>> answers = Channel.CreateBounded<Task<LeaseKeepAliveResponse>>(options.MaxKeepAlivesInFlight);
        await life.RunAsync(AskAsync(requests, answers.Writer, life.Token), AnswerAsync(answers.Reader, responses, life.Token)).ConfigureAwait(false);
    }

    private async Task AskAsync(
        MessageReader<LeaseKeepAliveRequest> requests,
        ChannelWriter<Task<LeaseKeepAliveResponse>> answers,
        CancellationToken cancellationToken)
    {
        while (await requests.ReadAsync(cancellationToken).ConfigureAwait(false) is { } request)
        {
            await answers.WriteAsync(KeepAliveAsync(request.ID, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        answers.Complete();
    }

    private static async Task AnswerAsync(
        ChannelReader<Task<LeaseKeepAliveResponse>> answers,
        MessageWriter<LeaseKeepAliveResponse> responses,
        CancellationToken cancellationToken)
    {
        while (await answers.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (answers.TryRead(out Task<LeaseKeepAliveResponse>? answer))
            {
                responses.Write(await answer.ConfigureAwait(false));
            }

            await responses.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<LeaseKeepAliveResponse> KeepAliveAsync(long id, CancellationToken cancellationToken)
    {
        Contract.ResponseHeader header = group.Header(group.State.Revision);
        try
        {
            long ttlSeconds = await group.Inner.KeepAliveAsync(id, cancellationToken).ConfigureAwait(false);
            return new LeaseKeepAliveResponse { Header = header, ID = id, TTL = ttlSeconds };
        }
        catch (GroupException exception)
        {
            throw EtcdErrors.From(exception);
        }
    }

    private async ValueTask<LeaseTimeToLiveResponse> TimeToLiveAsync(LeaseTimeToLiveRequest request, ServerCall call)
    {
        StateVersion version = await group.ReadAsync(call).ConfigureAwait(false);
        LeaseInfo? lease = version.FindLease(request.ID);
        LeaseTimeToLiveResponse response = new()
        {
            Header = group.Header(version.Revision),
            ID = request.ID,
            TTL = lease?.RemainingSeconds ?? -1,
            GrantedTTL = lease?.TtlSeconds ?? 0,
        };
        if (request.Keys && lease is not null)
        {
            response.Keys.AddRange(version.LeaseKeys(request.ID).Select(Bytes.Wrap));
        }

        return response;
    }

    private async ValueTask<LeaseLeasesResponse> LeasesAsync(LeaseLeasesRequest request, ServerCall call)
    {
        StateVersion version = await group.ReadAsync(call).ConfigureAwait(false);
        LeaseLeasesResponse response = new() { Header = group.Header(version.Revision) };
        response.Leases.AddRange(version.Leases().Select(id => new LeaseStatus { ID = id }));
        return response;
    }
}
