using System.Text.Json;
using Quorate.Cli.Shell;
using Quorate.Cli.Up;

namespace Quorate.Cli.Tests;

public sealed class ClusterFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("quorate-cluster-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private UpSettings Settings() => new(null, null, _directory, 20_000, 20_001, 10, null, []);

    [Fact]
    public async Task The_file_has_exactly_the_fields_of_the_contract()
    {
        await ClusterFile.UpdateAsync(_directory, _ => ClusterPlan.Create(Settings(), null), Token);

        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(ClusterFile.PathIn(_directory), Token));
        Assert.Equal(["clusterId", "protocol", "nodes"], document.RootElement.EnumerateObject().Select(item => item.Name));
        JsonElement nodes = document.RootElement.GetProperty("nodes");
        Assert.Equal(3, nodes.GetArrayLength());
        Assert.Equal(
            ["name", "id", "pid", "clientUrl", "peerUrl", "dataDir", "logFile", "args"], nodes[1].EnumerateObject().Select(item => item.Name));
        Assert.Equal("n2", nodes[1].GetProperty("name").GetString());
        Assert.Equal("http://127.0.0.1:20010", nodes[1].GetProperty("clientUrl").GetString());
        Assert.Equal(20_011, new Uri(nodes[1].GetProperty("peerUrl").GetString()!).Port);
        Assert.Equal(Path.Combine(_directory, "n2"), nodes[1].GetProperty("dataDir").GetString());
        Assert.Equal("serve", nodes[1].GetProperty("args")[0].GetString());
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing_and_readers_never_see_a_part()
    {
        await ClusterFile.UpdateAsync(_directory, _ => ClusterPlan.Create(Settings(), null), Token);
        using CancellationTokenSource done = new();
        Task reading = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                Assert.Equal(3, ClusterFile.Read(_directory)!.Nodes.Count);
            }
        }, Token);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(
            () => ClusterFile.UpdateAsync(_directory, file => file!.WithNode(file.Nodes[0] with { Pid = file.Nodes[0].Pid + 1 }), Token), Token)));
        await done.CancelAsync();
        await reading;
        Assert.Equal(20, ClusterFile.Read(_directory)!.Nodes[0].Pid);
    }

    [Fact]
    public void A_damaged_file_says_so()
    {
        File.WriteAllText(ClusterFile.PathIn(_directory), "{ \"nodes\": [");
        Assert.Contains("damaged", Assert.Throws<CliException>(() => ClusterFile.Read(_directory)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_size_protocol_or_port_on_the_same_directory_is_refused_with_what_to_use()
    {
        ClusterFile existing = ClusterPlan.Create(Settings(), null) with { ClusterId = "c1" };
        string Refusal(UpSettings settings) => Assert.Throws<CliException>(() => ClusterPlan.Create(settings, existing)).Message;

        Assert.Contains("--nodes 3", Refusal(Settings() with { Nodes = 5 }), StringComparison.Ordinal);
        Assert.Contains("--protocol raft", Refusal(Settings() with { Protocol = "zab" }), StringComparison.Ordinal);
        Assert.Contains("20000", Refusal(Settings() with { ClientPort = 1000 }), StringComparison.Ordinal);
        Assert.Contains("20001", Refusal(Settings() with { PeerPort = 1000 }), StringComparison.Ordinal);
        Assert.Contains("--port-step 10", Refusal(Settings() with { PortStep = 7 }), StringComparison.Ordinal);
        Assert.Contains("n1, n2, n3", Refusal(Settings() with { Only = "n4" }), StringComparison.Ordinal);
        Assert.Equal(existing, ClusterPlan.Create(Settings() with { Nodes = 3, Protocol = "raft", Only = "n2" }, existing));
        Assert.Equal(existing, ClusterPlan.Create(new UpSettings(null, null, _directory, null, null, null, null, []), existing));
    }

    [Fact]
    public void A_first_start_that_founded_nothing_binds_nobody_to_its_ports()
    {
        ClusterFile failed = ClusterPlan.Create(Settings(), null);
        Assert.Equal("http://127.0.0.1:1000", ClusterPlan.Create(Settings() with { ClientPort = 1000 }, failed).Nodes[0].ClientUrl);
    }

    [Fact]
    public void Options_behind_the_dashes_reach_every_node_and_replace_those_of_before()
    {
        ClusterFile first = ClusterPlan.Create(Settings() with { Extra = ["--log-level", "debug"] }, null) with { ClusterId = "c1" };
        ClusterFile second = ClusterPlan.Create(Settings() with { Extra = ["--unsafe-no-flush"] }, first);
        Assert.All(first.Nodes, node => Assert.Equal(["--log-level", "debug"], node.Args.TakeLast(2)));
        Assert.All(second.Nodes, node => Assert.Equal(["--protocol", "raft", "--unsafe-no-flush"], node.Args.TakeLast(3)));
    }

    [Theory]
    [InlineData(60_000, 20_001, 10_000, "70000")]
    [InlineData(20_000, 65_000, 1000, "66000")]
    [InlineData(20_000, 20_001, 1, "20001")]
    [InlineData(20_000, 20_000, 10, "20000")]
    public void Ports_that_do_not_exist_or_meet_are_a_usage_error(int client, int peer, int step, string port)
    {
        CliException exception = Assert.Throws<CliException>(
            () => ClusterPlan.Create(Settings() with { ClientPort = client, PeerPort = peer, PortStep = step }, null));
        Assert.Equal(ExitCode.Usage, exception.ExitCode);
        Assert.Contains(port, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_taken_port_is_named()
    {
        using System.Net.Sockets.TcpListener taken = new(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        int port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        ClusterFile plan = ClusterPlan.Create(Settings() with { Nodes = 1, PeerPort = port }, null);
        string message = Assert.Throws<CliException>(() => PortCheck.EnsureFree(plan.Nodes)).Message;
        Assert.Contains($"{port}, the peer port of n1", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Down_where_nothing_runs_is_done()
    {
        (int code, _, string error) = await CommandLine.RunAsync("down", "--data-dir", _directory);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("nothing runs", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Down_leaves_a_process_alone_that_got_the_number_of_a_dead_node()
    {
        using System.Diagnostics.Process stranger = System.Diagnostics.Process.Start("/bin/sleep", "60");
        try
        {
            await ClusterFile.UpdateAsync(
                _directory,
                _ =>
                {
                    ClusterFile plan = ClusterPlan.Create(Settings(), null);
                    return plan.WithNode(plan.Nodes[0] with { Pid = stranger.Id });
                },
                Token);
            (int code, _, string error) = await CommandLine.RunAsync("down", "--data-dir", _directory);
            Assert.Equal(ExitCode.Done, code);
            Assert.Contains("nothing runs", error, StringComparison.Ordinal);
            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
            await stranger.WaitForExitAsync(Token);
        }
    }
}
