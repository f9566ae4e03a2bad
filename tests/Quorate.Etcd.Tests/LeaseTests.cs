using Quorate.Etcd.Contract;
using Quorate.Grpc;
using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

public sealed class LeaseTests : IAsyncLifetime
{
    private TestDoor _door = null!;

    public async ValueTask InitializeAsync() => _door = await StartAsync();

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    [Fact]
    public async Task A_lease_lives_with_its_keys_and_takes_them_along()
    {
        LeaseGrantResponse granted = await GrantAsync(100, 0);
        Assert.True(granted.ID > 0);
        Assert.Equal(100, granted.TTL);
        await _door.PutAsync("b", "1", granted.ID);
        await _door.PutAsync("a", "2", granted.ID);

        LeaseTimeToLiveResponse left = await TimeToLiveAsync(granted.ID);
        Assert.InRange(left.TTL, 90, 100);
        Assert.Equal((100, "a,b"), (left.GrantedTTL, string.Join(',', left.Keys.Select(key => key.ToStringUtf8()))));
        LeaseLeasesResponse all = await _door.CallAsync(EtcdMethods.LeaseLeases, new LeaseLeasesRequest(), LeaseLeasesResponse.Parser);
        Assert.Equal(granted.ID, Assert.Single(all.Leases).ID);

        LeaseRevokeResponse revoked = await _door.CallAsync(EtcdMethods.LeaseRevoke, new LeaseRevokeRequest { ID = granted.ID }, LeaseRevokeResponse.Parser);
        Assert.Equal(4, revoked.Header.Revision);
        Assert.Equal(0, (await _door.RangeAsync(new RangeRequest { Key = Text("\0"), RangeEnd = Text("\0") })).Count);
        Assert.Equal((-1, 0), ((await TimeToLiveAsync(granted.ID)).TTL, (await TimeToLiveAsync(granted.ID)).GrantedTTL));
        Assert.Equal(
            (StatusCode.NotFound, "etcdserver: requested lease not found"),
            await _door.FailAsync(EtcdMethods.LeaseRevoke, new LeaseRevokeRequest { ID = granted.ID }, LeaseRevokeResponse.Parser));
    }

    [Fact]
    public async Task A_time_to_live_is_raised_to_what_survives_an_election_and_bounded()
    {
        Assert.Equal(2, (await GrantAsync(0, 5)).TTL);
        Assert.Equal(2, (await GrantAsync(-7, 6)).TTL);
        Assert.Equal(
            (StatusCode.FailedPrecondition, "etcdserver: lease already exists"),
            await _door.FailAsync(EtcdMethods.LeaseGrant, new LeaseGrantRequest { ID = 5, TTL = 10 }, LeaseGrantResponse.Parser));
        Assert.Equal(
            (StatusCode.OutOfRange, "etcdserver: too large lease TTL"),
            await _door.FailAsync(EtcdMethods.LeaseGrant, new LeaseGrantRequest { TTL = 9_000_000_001 }, LeaseGrantResponse.Parser));
    }

    [Fact]
    public async Task Keep_alives_are_answered_in_order_and_of_unknown_leases_with_zero()
    {
        await GrantAsync(50, 1);
        await GrantAsync(60, 2);
        await using DuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call =
            _door.Channel.OpenDuplex<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(EtcdMethods.LeaseKeepAlive, LeaseKeepAliveResponse.Parser, cancellationToken: Token);
        foreach (long id in (long[])[1, 2, 3, 1])
        {
            await call.WriteAsync(new LeaseKeepAliveRequest { ID = id }, Token);
        }

        await call.CompleteAsync();
        List<(long, long)> answers = [];
        while (await call.ReadAsync(Token) is { } answer)
        {
            answers.Add((answer.ID, answer.TTL));
        }

        Assert.Equal([(1, 50), (2, 60), (3, 0), (1, 50)], answers);
    }

    [Fact]
    public async Task A_keep_alive_that_the_group_cannot_serve_ends_the_stream_with_the_reason()
    {
        await using DuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call =
            _door.Channel.OpenDuplex<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(EtcdMethods.LeaseKeepAlive, LeaseKeepAliveResponse.Parser, cancellationToken: Token);
        _door.Group.Failure = Node.GroupError.Timeout;
        await call.WriteAsync(new LeaseKeepAliveRequest { ID = 1 }, Token);
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await call.ReadAsync(Token));
        Assert.Equal((StatusCode.Unavailable, "etcdserver: request timed out"), (exception.StatusCode, exception.Message));
    }

    private ValueTask<LeaseGrantResponse> GrantAsync(long ttl, long id) =>
        _door.CallAsync(EtcdMethods.LeaseGrant, new LeaseGrantRequest { TTL = ttl, ID = id }, LeaseGrantResponse.Parser);

    private ValueTask<LeaseTimeToLiveResponse> TimeToLiveAsync(long id) =>
        _door.CallAsync(EtcdMethods.LeaseTimeToLive, new LeaseTimeToLiveRequest { ID = id, Keys = true }, LeaseTimeToLiveResponse.Parser);
}
