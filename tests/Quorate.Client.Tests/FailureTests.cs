using Quorate.Grpc;
using Quorate.Grpc.Tests;

namespace Quorate.Client.Tests;

/// <summary>What a caller is told when it goes wrong, and what is sent again before that.</summary>
public sealed class FailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_time_runs_out_the_last_words_of_the_server_are_told_and_where_they_came_from()
    {
        // It says something at first, and nothing any more: what it said is what the caller has to know.
        await using ScriptedServer server = await ScriptedServer.StartAsync(call => call == 1 ? throw NoLeader() : Task.Delay(Timeout.Infinite, Token));
        await using QuorateClient client = NewClient(server.Url);

        QuorateException read = await Assert.ThrowsAsync<QuorateException>(() => client.GetAsync("k", null, Token));

        Assert.Equal((QuorateError.NoLeader, false, "etcdserver: no leader"), (read.Error, read.OutcomeUnknown, read.ServerMessage));
        Assert.Equal(server.Url, read.Endpoint);
        Assert.StartsWith($"{server.Url.Authority}: etcdserver: no leader (tried for ", read.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("deadline", read.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_named()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(_ => Task.Delay(Timeout.Infinite, Token));
        await using QuorateClient client = NewClient(server.Url);

        QuorateException read = await Assert.ThrowsAsync<QuorateException>(() => client.GetAsync("k", null, Token));
        QuorateException write = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("k", "v", null, Token));

        Assert.Equal((QuorateError.Timeout, RequestOutcome.NotApplied), (read.Error, read.Outcome));
        Assert.StartsWith($"{server.Url.Authority}: no answer in time (tried for ", read.Message, StringComparison.Ordinal);
        Assert.Equal((QuorateError.Timeout, true), (write.Error, write.OutcomeUnknown));
        Assert.EndsWith("; whether it took effect is unknown", write.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_endpoint_that_was_tried_is_named()
    {
        await using ScriptedServer one = await ScriptedServer.StartAsync(_ => throw NoLeader());
        await using ScriptedServer other = await ScriptedServer.StartAsync(_ => throw NoLeader());
        await using QuorateClient client = NewClient(one.Url, other.Url);

        QuorateException write = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("k", "v", null, Token));

        Assert.Equal((QuorateError.NoLeader, RequestOutcome.NotApplied), (write.Error, write.Outcome));
        Assert.Contains(one.Url.Authority, write.Message, StringComparison.Ordinal);
        Assert.Contains(other.Url.Authority, write.Message, StringComparison.Ordinal);
        Assert.True(one.Calls > 0 && other.Calls > 0);
    }

    [Fact]
    public async Task A_refusal_of_the_request_itself_is_the_servers_text_alone()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(_ => throw new RpcException(StatusCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded"));
        await using QuorateClient client = NewClient(server.Url);

        QuorateException refused = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("k", "v", null, Token));

        Assert.Equal("etcdserver: mvcc: database space exceeded", refused.Message);
        Assert.Equal((QuorateError.NoSpace, false, 1), (refused.Error, refused.OutcomeUnknown, server.Calls));
    }

    [Fact]
    public async Task A_write_whose_connection_breaks_says_so_in_plain_words_and_is_sent_nowhere_else()
    {
        using MuteServer mute = new();
        await using ScriptedServer other = await ScriptedServer.StartAsync(_ => Task.CompletedTask);
        int broken = 0;
        for (int attempt = 0; broken == 0; attempt++)
        {
            // The client begins anywhere in its list.
            Assert.InRange(attempt, 0, 50);
            await using QuorateClient client = NewClient(mute.Url, other.Url);
            Exception? failure = await Record.ExceptionAsync(() => client.PutAsync("k", "v", null, Token));
            broken += failure is null ? 0 : 1;
            if (failure is not null)
            {
                QuorateException write = Assert.IsType<QuorateException>(failure);
                Assert.Equal((QuorateError.Unavailable, true, true), (write.Error, write.OutcomeUnknown, write.IsTransient));
                Assert.Equal(mute.Url, write.Endpoint);
                Assert.StartsWith($"{mute.Url.Authority}: the connection broke before the answer came: ", write.Message, StringComparison.Ordinal);
                Assert.EndsWith("; whether it took effect is unknown", write.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("An error occurred", write.Message, StringComparison.Ordinal);
                Assert.Equal(attempt, other.Calls);
            }
        }
    }

    [Fact]
    public async Task A_read_whose_connection_breaks_is_sent_to_the_next_endpoint()
    {
        using MuteServer mute = new();
        await using ScriptedServer other = await ScriptedServer.StartAsync(_ => Task.CompletedTask);
        for (int attempt = 0; mute.Connections == 0; attempt++)
        {
            Assert.InRange(attempt, 0, 50);
            await using QuorateClient client = NewClient(mute.Url, other.Url);
            Assert.Null(await client.GetAsync("k", null, Token));
        }
    }

    [Fact]
    public async Task A_write_goes_on_to_the_next_endpoint_when_nobody_answers_the_connection()
    {
        using DeafPort deaf = new();
        await using ScriptedServer other = await ScriptedServer.StartAsync(_ => Task.CompletedTask);
        for (int client = 0; client < 8; client++)
        {
            await using QuorateClient both = NewClient(deaf.Url, other.Url);
            Assert.Equal(7, (await both.PutAsync("k", "v", null, Token)).Revision);
        }

        await using QuorateClient alone = NewClient(deaf.Url);
        QuorateException unreachable = await Assert.ThrowsAsync<QuorateException>(() => alone.PutAsync("k", "v", null, Token));
        Assert.Equal((QuorateError.Unreachable, RequestOutcome.NotApplied), (unreachable.Error, unreachable.Outcome));
        Assert.StartsWith($"{deaf.Url.Authority}: no connection: nobody answered in time", unreachable.Message, StringComparison.Ordinal);
    }

    private static RpcException NoLeader() => new(StatusCode.Unavailable, "etcdserver: no leader");

    private static QuorateClient NewClient(params Uri[] endpoints) => new(new QuorateClientOptions
    {
        Endpoints = endpoints,
        RequestTimeout = TimeSpan.FromSeconds(2),
        ConnectTimeout = TimeSpan.FromMilliseconds(400),

        // Under a session a write may be sent again; these are about those that may not.
        UseSessions = false,
    });
}
