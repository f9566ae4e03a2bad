using Google.Protobuf;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

public sealed class SessionTests : IAsyncLifetime
{
    private TestDoor _door = null!;
    private string _session = null!;

    public async ValueTask InitializeAsync()
    {
        _door = await StartAsync();
        SessionOpenResponse opened = await _door.CallAsync(QuorateMethods.SessionOpen, new SessionOpenRequest(), SessionOpenResponse.Parser);
        Assert.Equal((32, 1024, 3600), (opened.Session.Length, opened.Window, opened.IdleSeconds));
        _session = opened.Session;
    }

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    [Fact]
    public async Task Every_write_takes_effect_once_and_is_answered_the_same()
    {
        await TwiceAsync(1, EtcdMethods.Put, new PutRequest { Key = Text("a"), Value = Text("1"), PrevKv = true }, PutResponse.Parser);
        await TwiceAsync(2, EtcdMethods.Put, new PutRequest { Key = Text("a"), Value = Text("2"), PrevKv = true }, PutResponse.Parser);
        TxnRequest txn = new();
        txn.Success.Add(new RequestOp { RequestPut = new PutRequest { Key = Text("b") } });
        await TwiceAsync(3, EtcdMethods.Txn, txn, TxnResponse.Parser);
        await TwiceAsync(4, EtcdMethods.DeleteRange, new DeleteRangeRequest { Key = Text("b"), PrevKv = true }, DeleteRangeResponse.Parser);
        LeaseGrantResponse granted = await TwiceAsync(5, EtcdMethods.LeaseGrant, new LeaseGrantRequest { TTL = 60 }, LeaseGrantResponse.Parser);
        await TwiceAsync(6, EtcdMethods.LeaseRevoke, new LeaseRevokeRequest { ID = granted.ID }, LeaseRevokeResponse.Parser);
        await TwiceAsync(7, EtcdMethods.Compact, new CompactionRequest { Revision = 3 }, CompactionResponse.Parser);
        KeyValue a = Assert.Single((await _door.GetAsync("a")).Kvs);
        Assert.Equal(2, a.Version);
        LeaseLeasesResponse leases = await _door.CallAsync(EtcdMethods.LeaseLeases, new LeaseLeasesRequest(), LeaseLeasesResponse.Parser);
        Assert.Empty(leases.Leases);
    }

    [Fact]
    public async Task What_the_session_cannot_answer_is_refused_with_a_text_that_says_why()
    {
        PutRequest put = new() { Key = Text("a") };
        await _door.CallAsync(EtcdMethods.Put, put, PutResponse.Parser, Under(_session, 2, acknowledged: 1));
        Assert.Equal(
            (StatusCode.FailedPrecondition, "quorate: sequence number was acknowledged already"),
            await _door.FailAsync(EtcdMethods.Put, put, PutResponse.Parser, Under(_session, 1)));
        Assert.Equal(
            (StatusCode.ResourceExhausted, "quorate: sequence number is too far above what was acknowledged"),
            await _door.FailAsync(EtcdMethods.Put, put, PutResponse.Parser, Under(_session, 2000)));
        Assert.Equal(
            (StatusCode.InvalidArgument, "quorate: sequence number was used for another kind of request"),
            await _door.FailAsync(EtcdMethods.DeleteRange, new DeleteRangeRequest { Key = Text("a") }, DeleteRangeResponse.Parser, Under(_session, 2)));
        Assert.Equal(
            (StatusCode.FailedPrecondition, QuorateMethods.SessionExpiredText),
            await _door.FailAsync(EtcdMethods.Put, put, PutResponse.Parser, Under(new string('0', 32), 1)));
        DeleteRangeRequest large = new() { Key = Text("a"), PrevKv = true };
        await _door.PutAsync("a", new string('v', 100_000));
        await _door.CallAsync(EtcdMethods.DeleteRange, large, DeleteRangeResponse.Parser, Under(_session, 3));
        Assert.Equal(
            (StatusCode.AlreadyExists, QuorateMethods.AnswerNotKeptText),
            await _door.FailAsync(EtcdMethods.DeleteRange, large, DeleteRangeResponse.Parser, Under(_session, 3)));
    }

    [Theory]
    [InlineData("", "1", "0")]
    [InlineData("0123", "1", "0")]
    [InlineData("zz23456789abcdef0123456789abcdef", "1", "0")]
    [InlineData(null, "", "0")]
    [InlineData(null, "0", "0")]
    [InlineData(null, "-1", "0")]
    [InlineData(null, "one", "0")]
    [InlineData(null, "5", "5")]
    [InlineData(null, "5", "x")]
    [InlineData(null, "99999999999999999999", "0")]
    public async Task A_write_with_metadata_that_cannot_be_understood_is_refused(string? session, string sequence, string acknowledged)
    {
        (StatusCode code, string message) = await _door.FailAsync(
            EtcdMethods.Put,
            new PutRequest { Key = Text("a") },
            PutResponse.Parser,
            new(QuorateMethods.SessionHeader, session ?? _session),
            new(QuorateMethods.SequenceHeader, sequence),
            new(QuorateMethods.AcknowledgedHeader, acknowledged));
        Assert.Equal(StatusCode.InvalidArgument, code);
        Assert.Contains("quorate-", message, StringComparison.Ordinal);
        Assert.Equal(0, (await _door.GetAsync("a")).Count);
    }

    [Fact]
    public async Task Below_their_feature_level_sessions_are_unimplemented()
    {
        _door.Group.Level = State.FeatureLevel.First;
        (StatusCode code, string message) = await _door.FailAsync(QuorateMethods.SessionOpen, new SessionOpenRequest(), SessionOpenResponse.Parser);
        Assert.Equal(StatusCode.Unimplemented, code);
        Assert.Contains("feature level 2", message, StringComparison.Ordinal);
        (code, _) = await _door.FailAsync(EtcdMethods.Put, new PutRequest { Key = Text("a") }, PutResponse.Parser, Under(_session, 1));
        Assert.Equal(StatusCode.Unimplemented, code);
        Assert.Equal(2, (await _door.PutAsync("a", "plain")).Header.Revision);
    }

    private async Task<TResponse> TwiceAsync<TRequest, TResponse>(long sequence, string method, TRequest request, MessageParser<TResponse> parser)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        TResponse first = await _door.CallAsync(method, request, parser, Under(_session, sequence));
        Assert.Equal(first, await _door.CallAsync(method, request, parser, Under(_session, sequence)));
        return first;
    }

    private static KeyValuePair<string, string>[] Under(string session, long sequence, long acknowledged = 0) =>
    [
        new(QuorateMethods.SessionHeader, session),
        new(QuorateMethods.SequenceHeader, $"{sequence}"),
        new(QuorateMethods.AcknowledgedHeader, $"{acknowledged}"),
    ];
}
