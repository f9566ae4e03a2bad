using System.Text.RegularExpressions;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Clients;

/// <summary>etcd's own command line, unmodified, against three processes.</summary>
public sealed class EtcdctlTests : IAsyncLifetime
{
    private const string Etcdctl = "/usr/bin/etcdctl";
    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists(Etcdctl), "etcdctl is not installed (Debian package etcd-client)");
        // With the patience of the defaults: a leader must change only where a test makes it.
        _cluster = await TestCluster.StartAsync(3);
    }

    public ValueTask DisposeAsync() => _cluster is null ? ValueTask.CompletedTask : _cluster.DisposeAsync();

    [Fact]
    public async Task Every_node_answers_alike_whichever_was_written_to()
    {
        string[] nodes = [.. _cluster.Nodes.Select(node => node.Url.Authority)];
        Assert.Equal("OK\n", await AtAsync(nodes[0], "put", "/a/1", "one"));
        Assert.Equal("OK\n", await AtAsync(nodes[1], "put", "/a/2", "two"));
        Assert.Equal("OK\n", await AtAsync(nodes[2], "put", "/b", "three"));
        foreach (string node in nodes)
        {
            Assert.Equal("/a/1\none\n/a/2\ntwo\n", await AtAsync(node, "get", "--prefix", "/a/"));
        }

        Assert.Equal("SUCCESS\n\nOK\n\n/a/1\nuno\n", await WithInputAsync("value(\"/a/1\") = \"one\"\n\nput /a/1 uno\nget /a/1\n\nget /b\n\n", "txn"));
        Assert.Equal("FAILURE\n\n/b\nthree\n", await WithInputAsync("value(\"/a/1\") = \"one\"\n\nput /a/1 x\n\nget /b\n\n", "txn"));
        Assert.Equal("2\n", await AtAsync(nodes[1], "del", "/a/", "/a0"));
        Assert.Equal("", await AtAsync(nodes[2], "get", "--prefix", "/a/"));
    }

    [Fact]
    public async Task Compaction_at_one_node_holds_at_all()
    {
        for (int number = 1; number <= 4; number++)
        {
            await RunAsync("put", "c", $"{number}");
        }

        Assert.Equal("compacted revision 4\n", await RunAsync("compact", "4"));
        foreach (TestNode node in _cluster.Nodes)
        {
            Assert.Equal("c\n4\n", await AtAsync(node.Url.Authority, "get", "c"));
            (int code, string said) = await Child.RunAsync(Etcdctl, [$"--endpoints={node.Url.Authority}", "get", "--rev=2", "c"]);
            Assert.NotEqual(0, code);
            Assert.Contains("required revision has been compacted", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Status_names_one_leader_for_all_and_members_and_health_are_told()
    {
        string status = await RunAsync("endpoint", "status");
        string[] lines = status.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Single(lines, line => line.Split(", ")[4] == "true");
        Assert.All(lines, line => Assert.Matches(@"^127\.0\.0\.1:\d+, [0-9a-f]+, 3\.5\.\d+, ", line));
        Assert.Equal(3, Regex.Count(await RunAsync("endpoint", "health"), "is healthy"));
        Assert.Equal(3, Regex.Count(await RunAsync("member", "list"), ", started, n[123], "));
        string[] hashes = [.. (await RunAsync("endpoint", "hashkv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(", ")[1])];
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public async Task A_watch_goes_on_across_the_death_of_the_leader_it_hangs_on()
    {
        (TestNode leader, ulong term) = await _cluster.LeaderAsync();
        string[] others = [.. _cluster.Nodes.Where(node => node != leader).Select(node => node.Url.Authority)];
        await using Child watch = await Child.StartAsync(Etcdctl, $"--endpoints={string.Join(',', [leader.Url.Authority, .. others])}", "watch", "--prefix", "w");
        await using Child elsewhere = await Child.StartAsync(Etcdctl, $"--endpoints={others[0]}", "watch", "--prefix", "w");
        await UntilSaidAsync(watch, "PUT\nw0\n", () => AtAsync(others[0], "put", "w0", "."));
        await UntilSaidAsync(elsewhere, "PUT\nw0\n", () => AtAsync(others[0], "put", "w0", "."));
        string alive = string.Join(',', others);
        await AtAsync(alive, "put", "w1", "before");
        await leader.KillAsync();
        await _cluster.LeaderAsync(termAbove: term);
        for (int number = 2; number < 12; number++)
        {
            await AtAsync(alive, "put", $"w{number:D2}", "after");
        }

        string expected = "PUT\nw1\nbefore\n" + string.Concat(Enumerable.Range(2, 10).Select(number => $"PUT\nw{number:D2}\nafter\n"));
        foreach (Child one in new[] { watch, elsewhere })
        {
            await TestRun.UntilAsync(
                () => Task.FromResult(one.Output.Contains("w11\nafter\n", StringComparison.Ordinal)), 30, () => $"the last event; so far: {one.Output}");
            Assert.EndsWith(expected, one.Output, StringComparison.Ordinal);
            Assert.Equal(1, Regex.Count(one.Output, "w1\n"));
        }
    }

    [Fact]
    public async Task A_lease_that_is_kept_alive_outlives_the_leader_and_expires_once_it_is_not()
    {
        (TestNode leader, ulong term) = await _cluster.LeaderAsync();
        string alive = string.Join(',', _cluster.Nodes.Where(node => node != leader).Select(node => node.Url.Authority));
        string id = (await AtAsync(alive, "lease", "grant", "4")).Split(' ')[1];
        await AtAsync(alive, "put", $"--lease={id}", "kept", "x");
        await using Child keeper = await Child.StartAsync(Etcdctl, $"--endpoints={alive}", "lease", "keep-alive", id);
        await TestRun.UntilAsync(() => keeper.Output.Contains("keepalived with TTL(4)", StringComparison.Ordinal), 20, "the lease is kept alive");
        string unkept = (await AtAsync(alive, "lease", "grant", "3")).Split(' ')[1];
        await AtAsync(alive, "put", $"--lease={unkept}", "unkept", "x");
        await leader.KillAsync();
        await _cluster.LeaderAsync(termAbove: term);

        await TestRun.UntilAsync(async () => await AtAsync(alive, "get", "unkept") == "", 20, () => "the lease that nobody keeps alive expires");
        int renewals = Regex.Count(keeper.Output, "keepalived");
        await TestRun.UntilAsync(() => Regex.Count(keeper.Output, "keepalived") > renewals + 3, 30, "the other is renewed on");
        Assert.Equal("kept\nx\n", await AtAsync(alive, "get", "kept"));
        keeper.Signal(Child.Kill);
        await TestRun.UntilAsync(async () => await AtAsync(alive, "get", "kept") == "", 20, () => "the other expires too");
    }

    [Fact]
    public async Task A_lock_goes_from_one_holder_to_the_next_when_it_is_let_go_and_when_its_holder_dies()
    {
        await using Child first = await Child.StartAsync(Etcdctl, $"--endpoints={_cluster.Nodes[0].Url.Authority}", "lock", "mutex");
        await TestRun.UntilAsync(() => first.Output.StartsWith("mutex/", StringComparison.Ordinal), 20, "the first holds the lock");
        await using Child second = await Child.StartAsync(Etcdctl, $"--endpoints={_cluster.Nodes[1].Url.Authority}", "lock", "--ttl=4", "mutex");
        await UntilWaitingAsync(2);
        await using Child third = await Child.StartAsync(Etcdctl, $"--endpoints={_cluster.Nodes[2].Url.Authority}", "lock", "mutex", "/bin/echo", "held");
        await UntilWaitingAsync(3);
        Assert.Equal("", second.Output);

        first.Signal(Child.Interrupt);
        await TestRun.UntilAsync(() => second.Output.StartsWith("mutex/", StringComparison.Ordinal), 20, "the second holds the lock");
        Assert.Equal("", third.Output);
        second.Signal(Child.Kill);
        await third.ExitAsync(30);
        Assert.Equal("held\n", third.Output);
    }

    [Fact]
    public async Task An_election_is_won_by_the_next_candidate_when_the_winner_resigns()
    {
        await using Child first = await Child.StartAsync(Etcdctl, $"--endpoints={_cluster.Nodes[0].Url.Authority}", "elect", "office", "one");
        await TestRun.UntilAsync(() => first.Output.Contains("\none\n", StringComparison.Ordinal), 20, "the first is elected");
        await using Child second = await Child.StartAsync(Etcdctl, $"--endpoints={_cluster.Nodes[1].Url.Authority}", "elect", "office", "two");
        await using Child listener = await Child.StartAsync(Etcdctl, $"--endpoints={_cluster.Nodes[2].Url.Authority}", "elect", "--listen", "office");
        await TestRun.UntilAsync(() => listener.Output.Contains("\none\n", StringComparison.Ordinal), 20, "the listener is told of the first");
        first.Signal(Child.Interrupt);
        await TestRun.UntilAsync(() => second.Output.Contains("\ntwo\n", StringComparison.Ordinal), 20, "the second is elected");
        await TestRun.UntilAsync(() => listener.Output.Contains("\ntwo\n", StringComparison.Ordinal), 20, "the listener is told of the second");
    }

    private static async Task UntilSaidAsync(Child child, string text, Func<Task> again) => await TestRun.UntilAsync(
        async () =>
        {
            // A watch from now on says nothing when it stands: write until it sees one.
            await again();
            await Task.Delay(100);
            return child.Output.Contains(text, StringComparison.Ordinal);
        },
        20,
        () => $"the watch stands; so far: {child.Output}");

    private Task UntilWaitingAsync(int count) => TestRun.UntilAsync(
        async () => (await RunAsync("get", "--prefix", "--keys-only", "mutex/")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == count,
        20,
        () => $"{count} stand in the queue");

    private Task<string> RunAsync(params string[] arguments) => AtAsync(_cluster.Endpoints, arguments);

    private static async Task<string> AtAsync(string endpoints, params string[] arguments)
    {
        (int code, string said) = await Child.RunAsync(Etcdctl, [$"--endpoints={endpoints}", .. arguments]);
        Assert.True(code == 0, $"etcdctl {string.Join(' ', arguments)}: {said}");
        return said;
    }

    private async Task<string> WithInputAsync(string input, params string[] arguments)
    {
        (int code, string said) = await Child.RunAsync(Etcdctl, [$"--endpoints={_cluster.Endpoints}", .. arguments], input);
        Assert.True(code == 0, $"etcdctl {string.Join(' ', arguments)}: {said}");
        return said;
    }
}
