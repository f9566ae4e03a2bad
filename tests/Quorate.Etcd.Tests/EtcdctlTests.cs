using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

/// <summary>etcd's own command line, unmodified, against the door.</summary>
public sealed class EtcdctlTests : IAsyncLifetime
{
    private const string Etcdctl = "/usr/bin/etcdctl";

    private TestDoor _door = null!;

    public async ValueTask InitializeAsync()
    {
        ToolProcess.Require(Etcdctl, "etcd-client");
        _door = await StartAsync();
    }

    public ValueTask DisposeAsync() => _door is null ? ValueTask.CompletedTask : _door.DisposeAsync();

    [Fact]
    public async Task It_puts_gets_and_deletes_keys_and_ranges()
    {
        Assert.Equal("OK\n", await RunAsync("put", "/a/1", "one"));
        Assert.Equal("OK\n", await RunAsync("put", "/a/2", "two"));
        Assert.Equal("OK\n", await RunAsync("put", "/b", "three"));
        Assert.Equal("OK\n/a/1\none\n", await RunAsync("put", "--prev-kv", "/a/1", "uno"));
        Assert.Equal("/a/1\nuno\n/a/2\ntwo\n", await RunAsync("get", "--prefix", "/a/"));
        Assert.Equal("/a/2\n\n/a/1\n\n", await RunAsync("get", "--prefix", "--keys-only", "--order=DESCEND", "--sort-by=KEY", "/a/"));
        Assert.Equal("/a/1\none\n", await RunAsync("get", "--rev=2", "/a/1"));
        Assert.Equal("/a/1\nuno\n", await RunAsync("get", "--limit=1", "--from-key", "/a"));
        Assert.Equal("2\n/a/1\nuno\n/a/2\ntwo\n", await RunAsync("del", "--prev-kv", "/a/", "/a0"));
        Assert.Equal("0\n", await RunAsync("del", "/nothing"));
        Assert.Contains("\"revision\":6", await RunAsync("get", "/b", "-w", "json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_runs_transactions()
    {
        const string Script = "mod(\"k\") = \"0\"\n\nput k first\nget k\n\nput k again\n\n";
        Assert.Equal("SUCCESS\n\nOK\n\nk\nfirst\n", await RunWithInputAsync(Script, "txn"));
        Assert.Contains("duplicate key given in txn request", (await FailAsync("mod(\"k\") = \"0\"\n\nput k 1\nput k 2\n\n\n", "txn")), StringComparison.Ordinal);
        Assert.Equal("FAILURE\n\n1\n", await RunWithInputAsync("mod(\"k\") = \"0\"\n\nput k x\n\ndel k\n\n", "txn"));
    }

    [Fact]
    public async Task It_watches_from_the_past_into_the_present()
    {
        await RunAsync("put", "w", "1");
        await using ToolProcess watch = ToolProcess.Start(Etcdctl, [$"--endpoints={_door.Address.Authority}", "watch", "--rev=1", "--prev-kv", "w"]);
        Assert.Equal(["PUT", "w", "1"], await LinesAsync(watch, 3));
        await RunAsync("put", "w", "2");
        Assert.Equal(["PUT", "w", "1", "w", "2"], await LinesAsync(watch, 5));
        await RunAsync("del", "w");
        Assert.Equal(["DELETE", "w", "2", "w", ""], await LinesAsync(watch, 5));
    }

    [Fact]
    public async Task A_watch_of_what_is_compacted_says_so()
    {
        await RunAsync("put", "w", "1");
        await RunAsync("put", "w", "2");
        Assert.Equal("compacted revision 3\n", await RunAsync("compact", "3"));
        Assert.Contains("required revision has been compacted", await FailAsync(string.Empty, "compact", "2"), StringComparison.Ordinal);
        Assert.Contains("required revision has been compacted", await FailAsync(string.Empty, "get", "--rev=2", "w"), StringComparison.Ordinal);
        (_, string output, string error) = await ToolProcess.RunAsync(Etcdctl, [$"--endpoints={_door.Address.Authority}", "watch", "--rev=1", "w"]);
        Assert.Contains("required revision has been compacted", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_grants_keeps_and_revokes_leases_and_an_expired_one_takes_its_keys_along()
    {
        string granted = await RunAsync("lease", "grant", "100");
        string id = granted.Split(' ')[1];
        await RunAsync("put", $"--lease={id}", "l", "x");
        Assert.Contains("granted with TTL(100s)", granted, StringComparison.Ordinal);
        Assert.Contains($"lease {id} keepalived with TTL(100)", await RunAsync("lease", "keep-alive", "--once", id), StringComparison.Ordinal);
        Assert.Contains("attached keys([l])", await RunAsync("lease", "timetolive", "--keys", id), StringComparison.Ordinal);
        Assert.Equal($"found 1 leases\n{id}\n", await RunAsync("lease", "list"));
        Assert.Equal($"lease {id} revoked\n", await RunAsync("lease", "revoke", id));
        Assert.Equal(string.Empty, await RunAsync("get", "l"));

        string brief = (await RunAsync("lease", "grant", "2")).Split(' ')[1];
        await RunAsync("put", $"--lease={brief}", "l", "x");
        await using ToolProcess watch = ToolProcess.Start(Etcdctl, [$"--endpoints={_door.Address.Authority}", "watch", "--rev=4", "l"]);
        Assert.Equal(["PUT", "l", "x", "DELETE", "l", ""], await LinesAsync(watch, 6));
    }

    [Fact]
    public async Task It_locks_and_the_next_gets_the_lock_when_it_is_let_go()
    {
        await using ToolProcess first = ToolProcess.Start(Etcdctl, [$"--endpoints={_door.Address.Authority}", "lock", "mutex"]);
        Assert.StartsWith("mutex/", (await LinesAsync(first, 1))[0], StringComparison.Ordinal);
        await using ToolProcess second = ToolProcess.Start(Etcdctl, [$"--endpoints={_door.Address.Authority}", "lock", "mutex", "/bin/echo", "held"]);
        while ((await RunAsync("get", "--prefix", "--keys-only", "mutex/")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length < 2)
        {
            await Task.Delay(20, Token);
        }

        first.Interrupt();
        Assert.Equal("held\n", (await second.FinishAsync()).Output);
    }

    [Fact]
    public async Task It_elects()
    {
        await using ToolProcess leader = ToolProcess.Start(Etcdctl, [$"--endpoints={_door.Address.Authority}", "elect", "office", "me"]);
        Assert.StartsWith("office/", (await LinesAsync(leader, 1))[0], StringComparison.Ordinal);
        await using ToolProcess listener = ToolProcess.Start(Etcdctl, [$"--endpoints={_door.Address.Authority}", "elect", "--listen", "office"]);
        Assert.Equal("me", (await LinesAsync(listener, 2))[1]);
    }

    [Fact]
    public async Task It_tells_status_health_members_and_hash()
    {
        await RunAsync("put", "a", "1");
        Assert.Contains("3.5.21", await RunAsync("endpoint", "status"), StringComparison.Ordinal);
        (int code, string output, string error) = await ToolProcess.RunAsync(Etcdctl, [$"--endpoints={_door.Address.Authority}", "endpoint", "health"]);
        Assert.Equal(0, code);
        Assert.Contains("is healthy", output + error, StringComparison.Ordinal);
        Assert.Contains("8e9e05c52164694d, started, n1, http://127.0.0.1:2380, http://127.0.0.1:2379, false", await RunAsync("member", "list"), StringComparison.Ordinal);
        Assert.Matches(@", \d+\n", await RunAsync("endpoint", "hashkv"));
        Assert.Equal(string.Empty, await RunAsync("alarm", "list"));
        Assert.Contains("Finished defragmenting", await RunAsync("defrag"), StringComparison.Ordinal);
        Assert.Contains("later release", await FailAsync(string.Empty, "member", "add", "x", "--peer-urls=http://127.0.0.1:1"), StringComparison.Ordinal);
    }

    private static async Task<string[]> LinesAsync(ToolProcess tool, int count)
    {
        string[] lines = new string[count];
        for (int index = 0; index < count; index++)
        {
            lines[index] = await tool.Output.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token) ?? "(end)";
        }

        return lines;
    }

    private Task<string> RunAsync(params string[] arguments) => RunWithInputAsync(string.Empty, arguments);

    private async Task<string> RunWithInputAsync(string input, params string[] arguments)
    {
        (int code, string output, string error) = await ToolProcess.RunAsync(Etcdctl, [$"--endpoints={_door.Address.Authority}", .. arguments], input);
        Assert.True(code == 0, $"etcdctl {string.Join(' ', arguments)}: {error}");
        return output;
    }

    private async Task<string> FailAsync(string input, params string[] arguments)
    {
        (int code, _, string error) = await ToolProcess.RunAsync(Etcdctl, [$"--endpoints={_door.Address.Authority}", .. arguments], input);
        Assert.NotEqual(0, code);
        return error;
    }
}
