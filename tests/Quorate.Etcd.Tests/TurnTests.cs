using Quorate.Etcd.Contract;
using Quorate.Grpc;
using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

/// <summary>Locks and elections.</summary>
public sealed class TurnTests : IAsyncLifetime
{
    private TestDoor _door = null!;

    public async ValueTask InitializeAsync() => _door = await StartAsync();

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    [Fact]
    public async Task Locks_are_handed_over_in_the_order_they_were_asked_for()
    {
        long[] leases = [await GrantAsync(), await GrantAsync(), await GrantAsync()];
        LockResponse first = await LockAsync(leases[0]);
        Assert.Equal($"name/{leases[0]:x}", first.Key.ToStringUtf8());
        Task<LockResponse> second = LockAsync(leases[1]);
        await WaitForKeysAsync(2);
        Task<LockResponse> third = LockAsync(leases[2]);
        await WaitForKeysAsync(3);
        Assert.False(second.IsCompleted || third.IsCompleted);

        await UnlockAsync(first);
        await UnlockAsync(await second);
        Assert.Equal($"name/{leases[2]:x}", (await third).Key.ToStringUtf8());
    }

    [Fact]
    public async Task Whose_lease_ends_while_waiting_does_not_get_the_lock()
    {
        LockResponse first = await LockAsync(await GrantAsync());
        long lease = await GrantAsync();
        Task<LockResponse> second = LockAsync(lease);
        await WaitForKeysAsync(2);
        await _door.CallAsync(EtcdMethods.LeaseRevoke, new LeaseRevokeRequest { ID = lease }, LeaseRevokeResponse.Parser);
        await UnlockAsync(first);
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => second);
        Assert.Equal((StatusCode.Unknown, "mutex: session is expired"), (exception.StatusCode, exception.Message));
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_no_key_behind()
    {
        await LockAsync(await GrantAsync());
        using CancellationTokenSource source = new();
        Task<LockResponse> second = _door.Channel.UnaryAsync(
            EtcdMethods.Lock, new LockRequest { Name = Text("name"), Lease = await GrantAsync() }, LockResponse.Parser, cancellationToken: source.Token).AsTask();
        await WaitForKeysAsync(2);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await WaitForKeysAsync(1);
    }

    [Fact]
    public async Task A_lock_without_a_lease_gets_one_of_a_minute_and_one_with_an_unknown_lease_is_refused()
    {
        await LockAsync(0);
        LeaseLeasesResponse all = await _door.CallAsync(EtcdMethods.LeaseLeases, new LeaseLeasesRequest(), LeaseLeasesResponse.Parser);
        LeaseTimeToLiveResponse lease = await _door.CallAsync(
            EtcdMethods.LeaseTimeToLive, new LeaseTimeToLiveRequest { ID = Assert.Single(all.Leases).ID }, LeaseTimeToLiveResponse.Parser);
        Assert.Equal(60, lease.GrantedTTL);
        Assert.Equal(
            (StatusCode.NotFound, "etcdserver: requested lease not found"),
            await _door.FailAsync(EtcdMethods.Lock, new LockRequest { Name = Text("x"), Lease = 5 }, LockResponse.Parser));
    }

    [Fact]
    public async Task Closing_the_door_ends_the_wait_for_a_lock()
    {
        await LockAsync(await GrantAsync());
        Task<LockResponse> second = LockAsync(await GrantAsync());
        await WaitForKeysAsync(2);
        await _door.Door.StopAsync(Token);
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => second);
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }

    [Fact]
    public async Task An_election_has_one_leader_who_proclaims_and_resigns_and_all_who_observe_are_told()
    {
        (StatusCode, string) noLeader = (StatusCode.Unknown, "election: no leader");
        Assert.Equal(noLeader, await _door.FailAsync(EtcdMethods.ElectionLeader, new LeaderRequest { Name = Text("name") }, LeaderResponse.Parser));
        await using DuplexCall<LeaderRequest, LeaderResponse> observer =
            _door.Channel.OpenDuplex<LeaderRequest, LeaderResponse>(EtcdMethods.ElectionObserve, LeaderResponse.Parser, cancellationToken: Token);
        await observer.WriteAsync(new LeaderRequest { Name = Text("name") }, Token);
        await observer.CompleteAsync();

        LeaderKey first = (await CampaignAsync("one")).Leader;
        Assert.Equal("one", await ObservedAsync(observer));
        Task<CampaignResponse> second = CampaignAsync("two");
        await WaitForKeysAsync(2);
        await _door.CallAsync(EtcdMethods.ElectionProclaim, new ProclaimRequest { Leader = first, Value = Text("one again") }, ProclaimResponse.Parser);
        Assert.Equal("one again", await ObservedAsync(observer));
        Assert.False(second.IsCompleted);

        await _door.CallAsync(EtcdMethods.ElectionResign, new ResignRequest { Leader = first }, ResignResponse.Parser);
        Assert.Equal("two", await ObservedAsync(observer));
        LeaderResponse leader = await _door.CallAsync(EtcdMethods.ElectionLeader, new LeaderRequest { Name = Text("name") }, LeaderResponse.Parser);
        Assert.Equal((await second).Leader.Key, leader.Kv.Key);
        Assert.Equal(
            (StatusCode.Unknown, "election: not leader"),
            await _door.FailAsync(EtcdMethods.ElectionProclaim, new ProclaimRequest { Leader = first }, ProclaimResponse.Parser));
        Assert.Equal(
            (StatusCode.Unknown, "\"leader\" field must be provided"),
            await _door.FailAsync(EtcdMethods.ElectionResign, new ResignRequest(), ResignResponse.Parser));
    }

    private static async Task<string> ObservedAsync(DuplexCall<LeaderRequest, LeaderResponse> observer) =>
        (await observer.ReadAsync(Token))!.Kv.Value.ToStringUtf8();

    private async Task<long> GrantAsync() =>
        (await _door.CallAsync(EtcdMethods.LeaseGrant, new LeaseGrantRequest { TTL = 100 }, LeaseGrantResponse.Parser)).ID;

    private Task<LockResponse> LockAsync(long lease) =>
        _door.CallAsync(EtcdMethods.Lock, new LockRequest { Name = Text("name"), Lease = lease }, LockResponse.Parser).AsTask();

    private async Task UnlockAsync(LockResponse held) =>
        await _door.CallAsync(EtcdMethods.Unlock, new UnlockRequest { Key = held.Key }, UnlockResponse.Parser);

    private async Task<CampaignResponse> CampaignAsync(string value) =>
        await _door.CallAsync(EtcdMethods.ElectionCampaign, new CampaignRequest { Name = Text("name"), Lease = await GrantAsync(), Value = Text(value) }, CampaignResponse.Parser);

    private async Task WaitForKeysAsync(int count)
    {
        while ((await _door.RangeAsync(new RangeRequest { Key = Text("name/"), RangeEnd = Text("name0") })).Count != count)
        {
            await Task.Delay(5, Token);
        }
    }
}
