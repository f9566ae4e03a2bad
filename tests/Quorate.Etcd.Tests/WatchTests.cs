using Quorate.Etcd.Contract;
using Quorate.Grpc;
using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

public sealed class WatchTests : IAsyncLifetime
{
    private TestDoor _door = null!;
    private DuplexCall<WatchRequest, WatchResponse> _call = null!;

    public async ValueTask InitializeAsync()
    {
        _door = await StartAsync(electionTimeout: TimeSpan.FromMilliseconds(50));
        _call = Open();
    }

    public async ValueTask DisposeAsync()
    {
        await _call.DisposeAsync();
        await _door.DisposeAsync();
    }

    [Fact]
    public async Task A_watcher_is_created_first_and_then_told_what_changes()
    {
        WatchResponse created = await CreateAsync(new WatchCreateRequest { Key = Text("a"), RangeEnd = Text("b") });
        Assert.Equal((true, false, 0, 1), (created.Created, created.Canceled, created.WatchId, created.Header.Revision));
        await _door.PutAsync("a1", "x");
        await _door.PutAsync("b", "unseen");
        await _door.CallAsync(EtcdMethods.DeleteRange, new DeleteRangeRequest { Key = Text("a1") }, DeleteRangeResponse.Parser);

        WatchResponse put = await ReadAsync();
        Event first = Assert.Single(put.Events);
        Assert.Equal((Event.Types.EventType.Put, "a1", "x", 2, 1), (first.Type, first.Kv.Key.ToStringUtf8(), first.Kv.Value.ToStringUtf8(), first.Kv.ModRevision, first.Kv.Version));
        Assert.Null(first.PrevKv);

        Event second = Assert.Single((await ReadAsync()).Events);
        Assert.Equal(new Event { Type = Event.Types.EventType.Delete, Kv = new KeyValue { Key = Text("a1"), ModRevision = 4 } }, second);
    }

    [Fact]
    public async Task Events_of_the_past_come_with_what_was_there_before_and_without_what_is_filtered()
    {
        await _door.PutAsync("a", "1");
        await _door.PutAsync("a", "2");
        await _door.CallAsync(EtcdMethods.DeleteRange, new DeleteRangeRequest { Key = Text("a") }, DeleteRangeResponse.Parser);
        await CreateAsync(new WatchCreateRequest { Key = Text("a"), StartRevision = 1, PrevKv = true });
        await CreateAsync(new WatchCreateRequest { Key = Text("a"), StartRevision = 1, Filters = { WatchCreateRequest.Types.FilterType.Noput } }, isAlone: false);
        Dictionary<long, List<Event>> seen = await GatherAsync(4);
        Assert.Equal([null, "1", "2"], seen[0].Select(found => found.PrevKv?.Value.ToStringUtf8()));
        Assert.Equal(Event.Types.EventType.Delete, Assert.Single(seen[1]).Type);
        Assert.Null(seen[1][0].PrevKv);
    }

    [Fact]
    public async Task Ids_are_chosen_by_the_client_or_the_server_and_never_shared()
    {
        Assert.Equal(0, (await CreateAsync(new WatchCreateRequest { Key = Text("a") })).WatchId);
        Assert.Equal(1, (await CreateAsync(new WatchCreateRequest { Key = Text("a"), WatchId = 1 })).WatchId);
        Assert.Equal(2, (await CreateAsync(new WatchCreateRequest { Key = Text("a") })).WatchId);
        WatchResponse refused = await CreateAsync(new WatchCreateRequest { Key = Text("a"), WatchId = 1 });
        Assert.Equal((true, true, -1, "mvcc: duplicate watch ID provided on the WatchStream"), (refused.Created, refused.Canceled, refused.WatchId, refused.CancelReason));
    }

    [Fact]
    public async Task Impossible_watchers_are_refused_in_etcds_words()
    {
        WatchResponse empty = await CreateAsync(new WatchCreateRequest { Key = Text("b"), RangeEnd = Text("a") });
        Assert.Equal((true, true, -1, "mvcc: watcher range is empty"), (empty.Created, empty.Canceled, empty.WatchId, empty.CancelReason));
        WatchResponse negative = await CreateAsync(new WatchCreateRequest { Key = Text("b"), StartRevision = -1 });
        Assert.Equal((true, true, -1, "mvcc: required revision has been compacted"), (negative.Created, negative.Canceled, negative.WatchId, negative.CancelReason));
        Assert.Equal(0, (await CreateAsync(new WatchCreateRequest { Key = Text("b") })).WatchId);
    }

    [Fact]
    public async Task A_watcher_that_starts_before_the_compaction_is_cancelled_with_its_revision()
    {
        await _door.PutAsync("a", "1");
        await _door.PutAsync("a", "2");
        await _door.PutAsync("a", "3");
        await _door.CallAsync(EtcdMethods.Compact, new CompactionRequest { Revision = 3 }, CompactionResponse.Parser);
        await CreateAsync(new WatchCreateRequest { Key = Text("a"), StartRevision = 2 });
        WatchResponse canceled = await ReadAsync();
        Assert.Equal((true, 0, 3, string.Empty, 0), (canceled.Canceled, canceled.WatchId, canceled.CompactRevision, canceled.CancelReason, canceled.Header.Revision));

        await CreateAsync(new WatchCreateRequest { Key = Text("a"), StartRevision = 3, WatchId = 7 });
        Assert.Equal(["2", "3"], (await GatherAsync(2))[7].Select(found => found.Kv.Value.ToStringUtf8()));
    }

    [Fact]
    public async Task Cancelling_is_answered_once_and_of_an_unknown_watcher_not_at_all()
    {
        await CreateAsync(new WatchCreateRequest { Key = Text("a") });
        WatchRequest cancel = new() { CancelRequest = new WatchCancelRequest { WatchId = 0 } };
        await _call.WriteAsync(cancel, Token);
        await _call.WriteAsync(cancel, Token);
        await _call.WriteAsync(new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Text("z"), WatchId = 9 } }, Token);
        WatchResponse canceled = await ReadAsync();
        Assert.Equal((true, 0, 0), (canceled.Canceled, canceled.WatchId, canceled.CompactRevision));
        WatchResponse created = await ReadAsync();
        Assert.Equal((true, 9), (created.Created, created.WatchId));
    }

    [Fact]
    public async Task Progress_is_told_when_asked_behind_everything_delivered()
    {
        await CreateAsync(new WatchCreateRequest { Key = Text("a") });
        await _door.PutAsync("a", "1");
        await _door.PutAsync("b", "2");
        await _call.WriteAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() }, Token);
        Assert.Single((await ReadAsync()).Events);
        WatchResponse progress = await ReadAsync();
        Assert.Equal((-1, 3, 0), (progress.WatchId, progress.Header.Revision, progress.Events.Count));
    }

    [Fact]
    public async Task Progress_comes_by_itself_to_those_who_asked_for_it()
    {
        await CreateAsync(new WatchCreateRequest { Key = Text("a"), ProgressNotify = true });
        WatchResponse progress = await ReadAsync();
        Assert.Equal((0, 1, false, 0), (progress.WatchId, progress.Header.Revision, progress.Created, progress.Events.Count));
    }

    [Fact]
    public async Task Fragments_are_marked_but_for_the_last()
    {
        await using TestDoor door = await StartAsync(options => options with { MaxRequestBytes = 1000 });
        await using DuplexCall<WatchRequest, WatchResponse> call = door.Channel.OpenDuplex<WatchRequest, WatchResponse>(EtcdMethods.Watch, WatchResponse.Parser, cancellationToken: Token);
        for (int number = 0; number < 1500; number++)
        {
            await door.PutAsync($"a{number:D4}", new string('x', 500));
        }

        await call.WriteAsync(new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Text("a"), RangeEnd = Text("b"), StartRevision = 1, Fragment = true } }, Token);
        Assert.True((await call.ReadAsync(Token))!.Created);
        List<WatchResponse> pieces = [];
        while (pieces.Sum(piece => piece.Events.Count) < 1500)
        {
            pieces.Add((await call.ReadAsync(Token))!);
        }

        Assert.Contains(pieces, piece => piece.Fragment);
        Assert.False(pieces[^1].Fragment);
        Assert.All(pieces, piece => Assert.InRange(piece.CalculateSize(), 1, 1000 + (512 * 1024)));
        Assert.Equal(Enumerable.Range(2, 1500).Select(revision => (long)revision), pieces.SelectMany(piece => piece.Events).Select(found => found.Kv.ModRevision));
    }

    [Fact]
    public async Task A_thousand_watchers_on_one_stream_each_see_their_own_key()
    {
        for (int number = 0; number < 1000; number++)
        {
            await _call.WriteAsync(new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Text($"k{number}") } }, Token);
        }

        for (int number = 0; number < 1000; number++)
        {
            Assert.Equal(number, (await ReadAsync()).WatchId);
        }

        for (int number = 999; number >= 0; number--)
        {
            await _door.PutAsync($"k{number}", "x");
        }

        // Each watcher is told in order; between watchers there is none.
        HashSet<long> told = [];
        while (told.Count < 1000)
        {
            WatchResponse seen = await ReadAsync();
            Assert.Equal($"k{seen.WatchId}", Assert.Single(seen.Events).Kv.Key.ToStringUtf8());
            Assert.True(told.Add(seen.WatchId));
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_nobody_else()
    {
        await CreateAsync(new WatchCreateRequest { Key = Text("a") });
        await using DuplexCall<WatchRequest, WatchResponse> other = Open();
        await other.WriteAsync(new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Text("a") } }, Token);
        Assert.True((await other.ReadAsync(Token))!.Created);
        string value = new('x', 100_000);
        for (int number = 0; number < 200; number++)
        {
            await _door.PutAsync("a", value);
            Assert.Equal(number + 1, Assert.Single((await other.ReadAsync(Token))!.Events).Kv.Version);
        }

        // What the sleeper missed it gets now, whole and in order.
        Assert.Equal(Enumerable.Range(1, 200).Select(version => (long)version), (await GatherAsync(200))[0].Select(found => found.Kv.Version));
    }

    [Fact]
    public async Task A_stream_that_asked_for_a_leader_ends_when_there_is_none_for_three_election_timeouts()
    {
        await using DuplexCall<WatchRequest, WatchResponse> asks = _door.Channel.OpenDuplex<WatchRequest, WatchResponse>(
            EtcdMethods.Watch, WatchResponse.Parser, [new("hasleader", "true")], cancellationToken: Token);
        await asks.WriteAsync(new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Text("a") } }, Token);
        Assert.True((await asks.ReadAsync(Token))!.Created);
        await CreateAsync(new WatchCreateRequest { Key = Text("a") });
        _door.Group.LeaderlessFor = TimeSpan.FromSeconds(1);
        _door.Group.Leader = Consensus.NodeId.None;
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await asks.ReadAsync(Token));
        Assert.Equal((StatusCode.Unavailable, "etcdserver: no leader"), (exception.StatusCode, exception.Message));
        await _door.PutAsync("a", "1");
        Assert.Single((await ReadAsync()).Events);
    }

    [Fact]
    public async Task Closing_the_door_tells_the_streams()
    {
        await CreateAsync(new WatchCreateRequest { Key = Text("a") });
        Task<WatchResponse?> reading = _call.ReadAsync(Token).AsTask();
        await _door.Door.StopAsync(Token);
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => reading);
        Assert.Equal((StatusCode.Unavailable, "etcdserver: server stopped"), (exception.StatusCode, exception.Message));
    }

    [Fact]
    public async Task Half_closing_ends_the_stream()
    {
        await CreateAsync(new WatchCreateRequest { Key = Text("a") });
        await _call.CompleteAsync();
        Assert.Null(await _call.ReadAsync(Token));
    }

    private DuplexCall<WatchRequest, WatchResponse> Open() =>
        _door.Channel.OpenDuplex<WatchRequest, WatchResponse>(EtcdMethods.Watch, WatchResponse.Parser, cancellationToken: Token);

    private async Task<WatchResponse> ReadAsync() => (await _call.ReadAsync(Token))!;

    private async Task<WatchResponse> CreateAsync(WatchCreateRequest request, bool isAlone = true)
    {
        await _call.WriteAsync(new WatchRequest { CreateRequest = request }, Token);
        return isAlone ? await ReadAsync() : new WatchResponse();
    }

    private async Task<Dictionary<long, List<Event>>> GatherAsync(int events)
    {
        Dictionary<long, List<Event>> seen = [];
        while (seen.Values.Sum(list => list.Count) < events)
        {
            WatchResponse response = await ReadAsync();
            if (!seen.TryGetValue(response.WatchId, out List<Event>? list))
            {
                seen[response.WatchId] = list = [];
            }

            list.AddRange(response.Events);
        }

        return seen;
    }
}
