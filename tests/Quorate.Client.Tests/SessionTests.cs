using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client.Tests;

/// <summary>Writes go under a session, and so they may be sent again.</summary>
public sealed class SessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static RpcException InDoubt => new(StatusCode.Unavailable, "etcdserver: leader changed");

    private static RpcException Expired => new(StatusCode.FailedPrecondition, QuorateMethods.SessionExpiredText);

    [Fact]
    public async Task A_write_in_doubt_is_sent_again_under_its_number()
    {
        await using SessionServer server = await StartAsync();
        server.Answer = _ => Task.FromResult(server.Attempts.Count < 3 ? InDoubt : null);
        await using QuorateClient client = NewClient(server);
        await client.PutAsync("a", "1", null, Token);
        await client.PutAsync("b", "1", null, Token);
        Assert.Equal([new("a", "s1", 1, 0), new("a", "s1", 1, 0), new("a", "s1", 1, 0), new("b", "s1", 2, 1)], server.Attempts);
        Assert.Equal(1, server.Opened);
    }

    [Fact]
    public async Task It_is_sent_to_another_endpoint_when_one_does_not_answer()
    {
        await using SessionServer server = await StartAsync();
        await using SessionServer broken = await StartAsync();
        broken.Answer = _ => Task.FromResult<RpcException?>(InDoubt);
        await using QuorateClient client = new(new QuorateClientOptions { Endpoints = [broken.Url, server.Url] });
        for (int i = 0; i < 10; i++)
        {
            await client.PutAsync($"k{i}", "v", null, Token);
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"k{i}"), server.Attempts.Select(attempt => attempt.Key));
        Assert.Subset(server.Attempts.ToHashSet(), broken.Attempts.ToHashSet());
    }

    [Fact]
    public async Task Numbers_of_writes_that_are_over_are_acknowledged_and_no_others()
    {
        await using SessionServer server = await StartAsync();
        TaskCompletionSource release = new();
        server.Answer = async attempt =>
        {
            if (attempt.Key == "slow")
            {
                await release.Task;
            }

            return null;
        };
        await using QuorateClient client = NewClient(server);
        await client.PutAsync("a", "", null, Token);
        Task<PutResult> slow = client.PutAsync("slow", "", null, Token);
        await server.HeardAsync(2, Token);
        await client.PutAsync("b", "", null, Token);
        await client.PutAsync("c", "", null, Token);
        release.SetResult();
        await slow;
        await client.PutAsync("d", "", null, Token);
        Assert.Equal([0L, 1, 1, 1, 4], server.Attempts.Select(attempt => attempt.Acknowledged));
        Assert.Equal([1L, 2, 3, 4, 5], server.Attempts.Select(attempt => attempt.Sequence));
    }

    [Fact]
    public async Task When_one_write_holds_a_whole_window_up_the_others_go_under_another_session()
    {
        await using SessionServer server = await SessionServer.StartAsync(new SessionServer { Window = 3 }, Token);
        TaskCompletionSource release = new();
        server.Answer = async attempt =>
        {
            if (attempt.Key == "slow")
            {
                await release.Task;
            }

            return null;
        };
        await using QuorateClient client = NewClient(server);
        Task<PutResult> slow = client.PutAsync("slow", "", null, Token);
        await server.HeardAsync(1, Token);
        for (int i = 0; i < 3; i++)
        {
            await client.PutAsync("k", "", null, Token);
        }

        release.SetResult();
        await slow;
        Assert.Equal(["s1:1", "s1:2", "s1:3", "s2:1"], server.Attempts.Select(attempt => $"{attempt.Session}:{attempt.Sequence}"));
    }

    [Fact]
    public async Task Many_writers_at_once_share_one_session_and_no_two_have_a_number()
    {
        await using SessionServer server = await StartAsync();
        await using QuorateClient client = NewClient(server);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => client.PutAsync($"k{i}", "", null, Token)));
        Assert.Equal(1, server.Opened);
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), server.Attempts.Select(attempt => attempt.Sequence).Order());
    }

    [Fact]
    public async Task A_write_that_the_forgotten_session_surely_did_not_apply_goes_under_another()
    {
        await using SessionServer server = await StartAsync();
        server.Answer = attempt => Task.FromResult(attempt is { Session: "s1", Sequence: 2 } ? Expired : null);
        await using QuorateClient client = NewClient(server);
        await client.PutAsync("a", "", null, Token);
        await client.PutAsync("b", "", null, Token);
        Assert.Equal(["s1:1", "s1:2", "s2:1"], server.Attempts.Select(attempt => $"{attempt.Session}:{attempt.Sequence}"));
    }

    [Fact]
    public async Task A_write_in_doubt_whose_session_is_forgotten_is_not_sent_under_another()
    {
        await using SessionServer server = await StartAsync();
        server.Answer = _ => Task.FromResult<RpcException?>(server.Attempts.Count == 1 ? InDoubt : Expired);
        await using QuorateClient client = NewClient(server);
        QuorateException exception = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("a", "", null, Token));
        Assert.Equal((QuorateError.SessionExpired, RequestOutcome.Unknown), (exception.Error, exception.Outcome));
        Assert.Equal(2, server.Attempts.Count);
    }

    [Fact]
    public async Task A_refusal_that_is_not_the_states_leaves_a_write_in_doubt_unknown()
    {
        await using SessionServer server = await StartAsync();
        server.Answer = _ => Task.FromResult<RpcException?>(
            server.Attempts.Count % 2 == 1 ? InDoubt : new RpcException(StatusCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded"));
        await using QuorateClient client = NewClient(server);
        QuorateException exception = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("a", "", null, Token));
        Assert.Equal((QuorateError.NoSpace, RequestOutcome.Unknown), (exception.Error, exception.Outcome));

        server.Answer = _ => Task.FromResult<RpcException?>(
            server.Attempts.Count % 2 == 1 ? InDoubt : new RpcException(StatusCode.NotFound, "etcdserver: requested lease not found"));
        exception = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("a", "", null, Token));
        Assert.Equal((QuorateError.LeaseNotFound, RequestOutcome.NotApplied), (exception.Error, exception.Outcome));
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_for_good_is_known_to_have_taken_effect()
    {
        await using SessionServer server = await StartAsync();
        server.Answer = _ => Task.FromResult<RpcException?>(
            server.Attempts.Count == 1 ? InDoubt : new RpcException(StatusCode.AlreadyExists, QuorateMethods.AnswerNotKeptText));
        await using QuorateClient client = NewClient(server);
        QuorateException exception = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("a", "", null, Token));
        Assert.Equal((QuorateError.AnswerLost, RequestOutcome.Applied), (exception.Error, exception.Outcome));
    }

    [Fact]
    public async Task A_write_that_stays_in_doubt_until_its_time_is_over_is_unknown()
    {
        await using SessionServer server = await StartAsync();
        server.Answer = _ => Task.FromResult<RpcException?>(InDoubt);
        await using QuorateClient client = new(new QuorateClientOptions { Endpoints = [server.Url], RequestTimeout = TimeSpan.FromMilliseconds(500) });
        QuorateException exception = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("a", "", null, Token));
        Assert.Equal(RequestOutcome.Unknown, exception.Outcome);
        Assert.True(server.Attempts.Count > 1);
    }

    [Fact]
    public async Task A_client_that_wants_no_sessions_opens_none()
    {
        await using SessionServer server = await StartAsync();
        await using QuorateClient client = new(new QuorateClientOptions { Endpoints = [server.Url], UseSessions = false });
        await client.PutAsync("a", "", null, Token);
        Assert.Equal([new("a", null, -1, -1)], server.Attempts);
        Assert.Equal(0, server.Opened);
    }

    [Fact]
    public async Task A_server_that_knows_no_sessions_is_asked_for_one_once()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        long first = (await client.PutAsync("a", "1", null, Token)).Revision;
        Assert.Equal(first + 1, (await client.PutAsync("a", "2", null, Token)).Revision);
    }

    private static Task<SessionServer> StartAsync() => SessionServer.StartAsync(new SessionServer(), Token);

    private static QuorateClient NewClient(SessionServer server) => new(new QuorateClientOptions { Endpoints = [server.Url] });
}
