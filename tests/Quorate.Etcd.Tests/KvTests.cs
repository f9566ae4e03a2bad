using Google.Protobuf;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;
using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

public sealed class KvTests : IAsyncLifetime
{
    private TestDoor _door = null!;

    public async ValueTask InitializeAsync() => _door = await StartAsync();

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    [Fact]
    public async Task An_empty_store_has_revision_one_and_the_first_write_makes_it_two()
    {
        Assert.Equal(1, (await _door.GetAsync("a")).Header.Revision);
        PutResponse put = await _door.PutAsync("a", "1");
        Assert.Equal(2, put.Header.Revision);
        Assert.Equal(FakeGroup.Self.Value, put.Header.MemberId);
        Assert.Equal(0xcdf818194e3a8c32UL, put.Header.ClusterId);
        Assert.Equal(2UL, put.Header.RaftTerm);
        RangeResponse got = await _door.GetAsync("a");
        Contract.KeyValue found = Assert.Single(got.Kvs);
        Assert.Equal((Text("a"), Text("1"), 2, 2, 1, 0), (found.Key, found.Value, found.CreateRevision, found.ModRevision, found.Version, found.Lease));
        Assert.Equal((1, false), (got.Count, got.More));
    }

    [Fact]
    public async Task A_range_is_limited_sorted_filtered_and_counted()
    {
        foreach (string key in (string[])["c", "a", "b", "d"])
        {
            await _door.PutAsync(key, key);
        }

        RangeResponse limited = await _door.RangeAsync(new RangeRequest { Key = Text("a"), RangeEnd = Text("d"), Limit = 2 });
        Assert.Equal(["a", "b"], limited.Kvs.Select(found => found.Key.ToStringUtf8()));
        Assert.Equal((3, true), (limited.Count, limited.More));

        RangeResponse newestFirst = await _door.RangeAsync(new RangeRequest
        {
            Key = Text("\0"),
            RangeEnd = Text("\0"),
            SortOrder = RangeRequest.Types.SortOrder.Descend,
            SortTarget = RangeRequest.Types.SortTarget.Mod,
            MinModRevision = 3,
            KeysOnly = true,
        });
        Assert.Equal(["d", "b", "a"], newestFirst.Kvs.Select(found => found.Key.ToStringUtf8()));
        Assert.All(newestFirst.Kvs, found => Assert.True(found.Value.IsEmpty));

        RangeResponse counted = await _door.RangeAsync(new RangeRequest { Key = Text("a"), RangeEnd = Text("\0"), CountOnly = true, Serializable = true });
        Assert.Equal((4, 0), (counted.Count, counted.Kvs.Count));
    }

    [Fact]
    public async Task A_put_gives_back_what_it_replaced_and_can_keep_the_value()
    {
        await _door.PutAsync("a", "1");
        PutResponse second = await _door.CallAsync(EtcdMethods.Put, new PutRequest { Key = Text("a"), Value = Text("2"), PrevKv = true }, PutResponse.Parser);
        Assert.Equal("1", second.PrevKv.Value.ToStringUtf8());
        await _door.CallAsync(EtcdMethods.Put, new PutRequest { Key = Text("a"), IgnoreValue = true }, PutResponse.Parser);
        Assert.Equal(("2", 3), ((await _door.GetAsync("a")).Kvs[0].Value.ToStringUtf8(), (await _door.GetAsync("a")).Kvs[0].Version));
    }

    [Fact]
    public async Task A_delete_of_nothing_makes_no_revision()
    {
        await _door.PutAsync("a", "1");
        DeleteRangeResponse none = await _door.CallAsync(EtcdMethods.DeleteRange, new DeleteRangeRequest { Key = Text("x") }, DeleteRangeResponse.Parser);
        Assert.Equal((0, 2), (none.Deleted, none.Header.Revision));
        DeleteRangeResponse one = await _door.CallAsync(EtcdMethods.DeleteRange, new DeleteRangeRequest { Key = Text("a"), PrevKv = true }, DeleteRangeResponse.Parser);
        Assert.Equal((1, 3, "1"), (one.Deleted, one.Header.Revision, Assert.Single(one.PrevKvs).Value.ToStringUtf8()));
    }

    [Fact]
    public async Task A_transaction_compares_and_runs_one_branch_nested_ones_too()
    {
        TxnRequest request = new()
        {
            Compare = { new Contract.Compare { Key = Text("a"), Target = Contract.Compare.Types.CompareTarget.Create, CreateRevision = 0 } },
            Success =
            {
                new RequestOp { RequestPut = new PutRequest { Key = Text("a"), Value = Text("1") } },
                new RequestOp
                {
                    RequestTxn = new TxnRequest
                    {
                        Compare = { new Contract.Compare { Key = Text("b"), Target = Contract.Compare.Types.CompareTarget.Version, Version = 0 } },
                        Success = { new RequestOp { RequestPut = new PutRequest { Key = Text("b"), Value = Text("2") } } },
                    },
                },
                new RequestOp { RequestRange = new RangeRequest { Key = Text("a"), RangeEnd = Text("c") } },
            },
            Failure = { new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = Text("a") } } },
        };
        TxnResponse first = await _door.CallAsync(EtcdMethods.Txn, request, TxnResponse.Parser);
        Assert.True(first.Succeeded);
        Assert.Equal(2, first.Header.Revision);
        Assert.True(first.Responses[1].ResponseTxn.Succeeded);
        Assert.Equal(["1", "2"], first.Responses[2].ResponseRange.Kvs.Select(found => found.Value.ToStringUtf8()));
        Assert.Equal((0UL, 2), (first.Responses[0].ResponsePut.Header.ClusterId, first.Responses[0].ResponsePut.Header.Revision));

        TxnResponse second = await _door.CallAsync(EtcdMethods.Txn, request, TxnResponse.Parser);
        Assert.False(second.Succeeded);
        Assert.Equal(1, second.Responses[0].ResponseDeleteRange.Deleted);
    }

    [Fact]
    public async Task A_transaction_that_only_reads_stays_out_of_the_log_and_answers_as_before()
    {
        await _door.PutAsync("a", "1");
        await _door.PutAsync("a", "2");
        await _door.PutAsync("b", "3");
        await _door.CallAsync(EtcdMethods.Compact, new CompactionRequest { Revision = 3 }, CompactionResponse.Parser);
        ulong index = _door.Group.LastIndex;
        RequestOp newest = new() { RequestRange = new RangeRequest { Key = Text("a") } };
        RequestOp old = new() { RequestRange = new RangeRequest { Key = Text("a"), Revision = 3 } };
        RequestOp gone = new() { RequestRange = new RangeRequest { Key = Text("a"), Revision = 2 } };
        RequestOp future = new() { RequestRange = new RangeRequest { Key = Text("a"), Revision = 5 } };
        RequestOp local = new() { RequestRange = new RangeRequest { Key = Text("a"), Serializable = true } };
        Contract.Compare exists = new() { Key = Text("a"), Target = Contract.Compare.Types.CompareTarget.Mod, Result = Contract.Compare.Types.CompareResult.Greater, ModRevision = 2 };

        TxnResponse read = await TxnAsync(new TxnRequest { Compare = { exists }, Success = { newest, new RequestOp { RequestTxn = new TxnRequest { Success = { old } } } }, Failure = { gone } });
        Assert.Equal((true, 4, 2UL), (read.Succeeded, read.Header.Revision, read.Header.RaftTerm));
        Assert.Equal(("2", 4, 0UL), (read.Responses[0].ResponseRange.Kvs[0].Value.ToStringUtf8(), read.Responses[0].ResponseRange.Header.Revision, read.Responses[0].ResponseRange.Header.ClusterId));
        Assert.Equal("2", read.Responses[1].ResponseTxn.Responses[0].ResponseRange.Kvs[0].Value.ToStringUtf8());
        Assert.Equal((StatusCode.OutOfRange, "etcdserver: mvcc: required revision has been compacted"), await FailTxnAsync(new TxnRequest { Success = { newest, gone } }));
        Assert.Equal((StatusCode.OutOfRange, "etcdserver: mvcc: required revision is a future revision"), await FailTxnAsync(new TxnRequest { Success = { future, gone } }));
        Assert.Equal(3, _door.Group.Reads);
        Assert.Single((await TxnAsync(new TxnRequest { Success = { local } })).Responses);
        Assert.Equal(3, _door.Group.Reads);
        Assert.True((await TxnAsync(new TxnRequest { Compare = { exists } })).Succeeded);
        await TxnAsync(new TxnRequest { Success = { local, newest } });
        Assert.Equal((5, index), (_door.Group.Reads, _door.Group.LastIndex));

        await TxnAsync(new TxnRequest { Success = { newest }, Failure = { new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = Text("a") } } } });
        Assert.Equal((5, index + 1), (_door.Group.Reads, _door.Group.LastIndex));

        ValueTask<TxnResponse> TxnAsync(TxnRequest request) => _door.CallAsync(EtcdMethods.Txn, request, TxnResponse.Parser);
    }

    [Fact]
    public async Task A_node_whose_data_is_not_to_be_trusted_serves_no_local_read_either()
    {
        await _door.PutAsync("a", "1");
        _door.Group.Alarm = "CORRUPT: differs from the majority";
        RangeRequest local = new() { Key = Text("a"), Serializable = true };
        (StatusCode, string) refused = (StatusCode.DataLoss, "etcdserver: corrupt cluster");
        while ((await Record.ExceptionAsync(async () => await _door.RangeAsync(local))) is null)
        {
            // The door looks at the group's status a few times a second.
            await Task.Delay(10, Token);
        }

        Assert.Equal(refused, await _door.FailAsync(EtcdMethods.Range, local, RangeResponse.Parser));
        Assert.Equal(refused, await FailTxnAsync(new TxnRequest { Success = { new RequestOp { RequestRange = local } } }));
    }

    [Fact]
    public async Task Old_revisions_are_read_until_they_are_compacted()
    {
        await _door.PutAsync("a", "1");
        await _door.PutAsync("a", "2");
        await _door.PutAsync("a", "3");
        Assert.Equal("1", (await _door.RangeAsync(new RangeRequest { Key = Text("a"), Revision = 2 })).Kvs[0].Value.ToStringUtf8());
        CompactionResponse compacted = await _door.CallAsync(EtcdMethods.Compact, new CompactionRequest { Revision = 3, Physical = true }, CompactionResponse.Parser);
        Assert.Equal(4, compacted.Header.Revision);
        Assert.Equal("2", (await _door.RangeAsync(new RangeRequest { Key = Text("a"), Revision = 3 })).Kvs[0].Value.ToStringUtf8());

        (StatusCode, string) gone = (StatusCode.OutOfRange, "etcdserver: mvcc: required revision has been compacted");
        (StatusCode, string) future = (StatusCode.OutOfRange, "etcdserver: mvcc: required revision is a future revision");
        Assert.Equal(gone, await _door.FailAsync(EtcdMethods.Range, new RangeRequest { Key = Text("a"), Revision = 2 }, RangeResponse.Parser));
        Assert.Equal(future, await _door.FailAsync(EtcdMethods.Range, new RangeRequest { Key = Text("a"), Revision = 9 }, RangeResponse.Parser));
        Assert.Equal(gone, await _door.FailAsync(EtcdMethods.Compact, new CompactionRequest { Revision = 3 }, CompactionResponse.Parser));
        Assert.Equal(future, await _door.FailAsync(EtcdMethods.Compact, new CompactionRequest { Revision = 9 }, CompactionResponse.Parser));
    }

    [Fact]
    public async Task Bad_ranges_are_refused_in_etcds_words()
    {
        Assert.Equal(Invalid("key is not provided"), await _door.FailAsync(EtcdMethods.Range, new RangeRequest(), RangeResponse.Parser));
        Assert.Equal(Invalid("invalid sort option"), await _door.FailAsync(
            EtcdMethods.Range, new RangeRequest { Key = Text("a"), SortTarget = (RangeRequest.Types.SortTarget)9 }, RangeResponse.Parser));
        Assert.Equal(Invalid("invalid sort option"), await _door.FailAsync(
            EtcdMethods.Range, new RangeRequest { Key = Text("a"), SortOrder = (RangeRequest.Types.SortOrder)(-1) }, RangeResponse.Parser));
    }

    [Fact]
    public async Task Bad_writes_are_refused_in_etcds_words_and_change_nothing()
    {
        Assert.Equal(Invalid("key is not provided"), await FailPutAsync(new PutRequest { Value = Text("x") }));
        Assert.Equal(Invalid("value is provided"), await FailPutAsync(new PutRequest { Key = Text("a"), Value = Text("x"), IgnoreValue = true }));
        Assert.Equal(Invalid("lease is provided"), await FailPutAsync(new PutRequest { Key = Text("a"), Lease = 1, IgnoreLease = true }));
        Assert.Equal(Invalid("key not found"), await FailPutAsync(new PutRequest { Key = Text("a"), IgnoreLease = true }));
        Assert.Equal(Invalid("request is too large"), await FailPutAsync(new PutRequest { Key = Text("a"), Value = ByteString.CopyFrom(new byte[(3 << 19) + 1]) }));
        Assert.Equal((StatusCode.NotFound, "etcdserver: requested lease not found"), await FailPutAsync(new PutRequest { Key = Text("a"), Lease = 77 }));
        Assert.Equal(StatusCode.ResourceExhausted, (await FailPutAsync(new PutRequest { Key = Text("a"), Value = ByteString.CopyFrom(new byte[3 << 20]) })).Code);
        Assert.Equal(Invalid("key is not provided"), await _door.FailAsync(EtcdMethods.DeleteRange, new DeleteRangeRequest(), DeleteRangeResponse.Parser));
        Assert.Equal(1, (await _door.GetAsync("a")).Header.Revision);
    }

    [Fact]
    public async Task The_largest_request_is_taken()
    {
        byte[] value = new byte[(3 << 19) - 1];
        await _door.CallAsync(EtcdMethods.Put, new PutRequest { Key = Text("a"), Value = ByteString.CopyFrom(value) }, PutResponse.Parser);
        Assert.Equal(value.Length, (await _door.GetAsync("a")).Kvs[0].Value.Length);
    }

    [Fact]
    public async Task Bad_transactions_are_refused_in_etcds_words()
    {
        RequestOp put = new() { RequestPut = new PutRequest { Key = Text("a") } };
        TxnRequest many = new();
        many.Failure.AddRange(Enumerable.Range(0, 129).Select(number => new RequestOp { RequestRange = new RangeRequest { Key = Text($"{number}") } }));
        Assert.Equal(Invalid("too many operations in txn request"), await FailTxnAsync(many));

        TxnRequest nested = new();
        nested.Success.AddRange(Enumerable.Range(0, 100).Select(number => new RequestOp { RequestRange = new RangeRequest { Key = Text($"{number}") } }));
        TxnRequest inner = new();
        inner.Success.AddRange(nested.Success.Take(29));
        nested.Success[0] = new RequestOp { RequestTxn = inner };
        Assert.Equal(Invalid("too many operations in txn request"), await FailTxnAsync(nested));

        Assert.Equal(Invalid("duplicate key given in txn request"), await FailTxnAsync(new TxnRequest { Success = { put, put } }));
        Assert.Equal(Invalid("key is not provided"), await FailTxnAsync(new TxnRequest { Compare = { new Contract.Compare() } }));
        Assert.Equal(Invalid("key not found"), await FailTxnAsync(new TxnRequest { Success = { new RequestOp() } }));
    }

    [Theory]
    [InlineData(GroupError.NoLeader, StatusCode.Unavailable, "etcdserver: no leader")]
    [InlineData(GroupError.Timeout, StatusCode.Unavailable, "etcdserver: request timed out")]
    [InlineData(GroupError.TimeoutLeaderFailed, StatusCode.Unavailable, "etcdserver: request timed out, possibly due to previous leader failure")]
    [InlineData(GroupError.LeaderChanged, StatusCode.Unavailable, "etcdserver: leader changed")]
    [InlineData(GroupError.TooManyRequests, StatusCode.ResourceExhausted, "etcdserver: too many requests")]
    [InlineData(GroupError.RequestTooLarge, StatusCode.InvalidArgument, "etcdserver: request is too large")]
    [InlineData(GroupError.NoSpace, StatusCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded")]
    [InlineData(GroupError.Stopped, StatusCode.Unavailable, "etcdserver: server stopped")]
    [InlineData(GroupError.NotLeader, StatusCode.FailedPrecondition, "etcdserver: not leader")]
    [InlineData(GroupError.Corrupt, StatusCode.DataLoss, "etcdserver: corrupt cluster")]
    public async Task What_the_group_cannot_do_is_told_in_etcds_words(GroupError error, StatusCode code, string message)
    {
        _door.Group.Failure = error;
        Assert.Equal((code, message), await FailPutAsync(new PutRequest { Key = Text("a") }));
        Assert.Equal((code, message), await _door.FailAsync(EtcdMethods.Range, new RangeRequest { Key = Text("a") }, RangeResponse.Parser));
        Assert.Equal(0, (await _door.RangeAsync(new RangeRequest { Key = Text("a"), Serializable = true })).Count);
    }

    [Fact]
    public async Task Who_asks_for_a_leader_is_told_at_once_that_there_is_none()
    {
        _door.Group.Leader = Consensus.NodeId.None;
        KeyValuePair<string, string> asks = new("hasleader", "true");
        Assert.Equal((StatusCode.Unavailable, "etcdserver: no leader"), await _door.FailAsync(EtcdMethods.Range, new RangeRequest { Key = Text("a") }, RangeResponse.Parser, asks));
        Assert.Equal(0, (await _door.GetAsync("a")).Count);
    }

    private static (StatusCode Code, string Message) Invalid(string text) => (StatusCode.InvalidArgument, "etcdserver: " + text);

    private Task<(StatusCode Code, string Message)> FailPutAsync(PutRequest request) => _door.FailAsync(EtcdMethods.Put, request, PutResponse.Parser);

    private Task<(StatusCode Code, string Message)> FailTxnAsync(TxnRequest request) => _door.FailAsync(EtcdMethods.Txn, request, TxnResponse.Parser);
}
