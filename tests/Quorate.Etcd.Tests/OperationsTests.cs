using System.Net;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

/// <summary>What operators and their tools ask: maintenance, members, and the pages.</summary>
public sealed class OperationsTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private TestDoor _door = null!;

    public async ValueTask InitializeAsync() => _door = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _door.DisposeAsync();
    }

    [Fact]
    public async Task Status_tells_a_version_that_watch_progress_is_asked_of()
    {
        await _door.PutAsync("a", "1");
        StatusResponse status = await _door.CallAsync(EtcdMethods.MaintenanceStatus, new StatusRequest(), StatusResponse.Parser);
        Assert.True(Version.Parse(status.Version) >= new Version(3, 5, 13));
        Assert.Equal((FakeGroup.Self.Value, 2UL, 2, 2048), (status.Leader, status.RaftTerm, status.Header.Revision, status.DbSizeQuota >> 20));
        Assert.Empty(status.Errors);
        Assert.Equal((_door.Group.State.LogicalBytes, _door.Group.State.LogicalBytes), (status.DbSize, status.DbSizeInUse));
        Assert.InRange(status.DbSize, 1, 1000);
    }

    [Fact]
    public async Task An_alarm_is_told_by_status_alarm_list_and_health()
    {
        _door.Group.Alarm = "NOSPACE: the disk is full";
        AlarmResponse alarms = await _door.CallAsync(EtcdMethods.MaintenanceAlarm, new AlarmRequest(), AlarmResponse.Parser);
        Assert.Equal((FakeGroup.Self.Value, AlarmType.Nospace), (Assert.Single(alarms.Alarms).MemberID, alarms.Alarms[0].Alarm));
        StatusResponse status = await _door.CallAsync(EtcdMethods.MaintenanceStatus, new StatusRequest(), StatusResponse.Parser);
        Assert.Equal("NOSPACE: the disk is full", Assert.Single(status.Errors));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}"), await GetAsync("/health"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/health?exclude=NOSPACE")).Code);
    }

    [Fact]
    public async Task The_hash_of_the_keyspace_is_the_same_for_the_same_history()
    {
        await _door.PutAsync("a", "1");
        HashKVResponse first = await _door.CallAsync(EtcdMethods.MaintenanceHashKV, new HashKVRequest(), HashKVResponse.Parser);
        await _door.PutAsync("a", "2");
        HashKVResponse again = await _door.CallAsync(EtcdMethods.MaintenanceHashKV, new HashKVRequest { Revision = 2 }, HashKVResponse.Parser);
        HashKVResponse later = await _door.CallAsync(EtcdMethods.MaintenanceHashKV, new HashKVRequest(), HashKVResponse.Parser);
        Assert.Equal((first.Hash, 2), (again.Hash, again.HashRevision));
        Assert.NotEqual(first.Hash, later.Hash);
        Assert.Equal(StatusCode.OutOfRange, (await _door.FailAsync(EtcdMethods.MaintenanceHashKV, new HashKVRequest { Revision = 9 }, HashKVResponse.Parser)).Code);
        HashResponse hash = await _door.CallAsync(EtcdMethods.MaintenanceHash, new HashRequest(), HashResponse.Parser);
        Assert.Equal(hash.Hash, (await _door.CallAsync(EtcdMethods.MaintenanceHash, new HashRequest(), HashResponse.Parser)).Hash);
    }

    [Fact]
    public async Task Leadership_is_moved_to_a_voter_only()
    {
        await _door.CallAsync(EtcdMethods.MaintenanceMoveLeader, new MoveLeaderRequest { TargetID = FakeGroup.Other.Value }, MoveLeaderResponse.Parser);
        Assert.Equal(FakeGroup.Other, _door.Group.TransferredTo);
        Assert.Equal(
            (StatusCode.FailedPrecondition, "etcdserver: bad leader transferee"),
            await _door.FailAsync(EtcdMethods.MaintenanceMoveLeader, new MoveLeaderRequest { TargetID = 1 }, MoveLeaderResponse.Parser));
    }

    [Fact]
    public async Task Members_are_listed_with_their_addresses()
    {
        MemberListResponse list = await _door.CallAsync(EtcdMethods.MemberList, new MemberListRequest { Linearizable = true }, MemberListResponse.Parser);
        Assert.Equal(0, list.Header.Revision);
        Assert.Equal(["n1", "n2"], list.Members.Select(member => member.Name));
        Assert.Equal(["http://127.0.0.1:2380"], list.Members[0].PeerURLs);
        Assert.Equal(["http://127.0.0.1:2379"], list.Members[0].ClientURLs);
        Assert.Equal([false, true], list.Members.Select(member => member.IsLearner));
    }

    [Fact]
    public async Task What_is_not_there_yet_says_so()
    {
        (StatusCode code, string message) = await _door.FailAsync(EtcdMethods.MemberAdd, new MemberAddRequest(), MemberAddResponse.Parser);
        Assert.Equal(StatusCode.Unimplemented, code);
        Assert.Contains("later release", message, StringComparison.Ordinal);
        Assert.Equal(StatusCode.Unimplemented, (await _door.FailAsync(EtcdMethods.AuthEnable, new AuthEnableRequest(), AuthEnableResponse.Parser)).Code);
        Assert.Equal(StatusCode.Unimplemented, (await _door.FailAsync(EtcdMethods.MaintenanceSnapshot, new SnapshotRequest(), SnapshotResponse.Parser)).Code);
        Assert.False((await _door.CallAsync(EtcdMethods.AuthStatus, new AuthStatusRequest(), AuthStatusResponse.Parser)).Enabled);
        using HttpResponseMessage gateway = await _client.PostAsync(new Uri(_door.Address, "/v3/kv/put"), new StringContent("{}"), Token);
        Assert.Equal(HttpStatusCode.NotImplemented, gateway.StatusCode);
    }

    [Fact]
    public async Task The_pages_tell_version_and_metrics_and_of_others_nothing()
    {
        await _door.PutAsync("a", "1");
        Assert.Contains("\"etcdserver\":\"3.5.21\"", (await GetAsync("/version")).Text, StringComparison.Ordinal);
        string metrics = (await GetAsync("/metrics")).Text;
        foreach (string line in (string[])[
            "etcd_server_has_leader 1",
            "etcd_debugging_mvcc_keys_total 1",
            "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"} 1",
            "# TYPE process_cpu_seconds_total counter"])
        {
            Assert.Contains(line + "\n", metrics, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/etc/passwd")).Code);
        using HttpResponseMessage post = await _client.PostAsync(new Uri(_door.Address, "/health"), null, Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    private async Task<(HttpStatusCode Code, string Text)> GetAsync(string path)
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri(_door.Address, path), Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
