using System.Diagnostics;
using Quorate.Cli.Shell;
using Quorate.Cli.Up;

namespace Quorate.Cli.Tests;

/// <summary>Starting and supervising, with a shell in the place of the server.</summary>
public sealed class ClusterStartTests : IDisposable
{
    private const string Shell = "/bin/sh";
    private readonly string _directory = Directory.CreateTempSubdirectory("quorate-start-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<ClusterNode[]> NodesAsync(string script)
    {
        ClusterFile file = await ClusterFile.UpdateAsync(
            _directory,
            _ =>
            {
                ClusterFile plan = ClusterPlan.Create(new UpSettings(2, null, _directory, 20_000, 20_001, 10, null, []), null);
                return plan with { Nodes = [.. plan.Nodes.Select(node => node with { Args = ["-c", script] })] };
            },
            Token);
        return [.. file.Nodes];
    }

    private ClusterStart NewStart(double patienceSeconds = 30) => new(Shell, _directory, detached: false, TimeSpan.FromSeconds(patienceSeconds));

    private static Task<NodeView> ReadyAtOnce(ClusterNode node, CancellationToken stop) => Task.FromResult(new NodeView("c1", "id-" + node.Name, "follower"));

    private static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}");

    [Fact]
    public async Task Every_node_that_serves_is_written_down_with_its_process()
    {
        IReadOnlyList<StartedNode> started = await NewStart().RunAsync(await NodesAsync("exec sleep 60"), ReadyAtOnce, Token);
        ClusterFile file = ClusterFile.Read(_directory)!;
        bool areAlive = started.All(node => IsAlive(node.Process.Node.Pid));
        IReadOnlyList<string> killed = await ClusterStart.StopAsync([.. started.Select(node => node.Process)]);

        Assert.True(areAlive);
        Assert.Empty(killed);
        Assert.Equal("c1", file.ClusterId);
        Assert.Equal(["id-n1", "id-n2"], file.Nodes.Select(node => node.Id));
        Assert.Equal(started.Select(node => node.Process.Node.Pid), file.Nodes.Select(node => node.Pid));
        Assert.All(started, node => Assert.False(IsAlive(node.Process.Node.Pid)));
    }

    [Fact]
    public async Task A_node_that_ends_before_it_serves_ends_the_others_too_and_its_last_words_are_shown()
    {
        ClusterNode[] nodes = await NodesAsync("exec sleep 60");
        nodes[1] = nodes[1] with { Args = ["-c", $"echo 'no space left' >> {nodes[1].LogFile}; exit 7"] };
        CliException exception = await Assert.ThrowsAsync<CliException>(() => NewStart().RunAsync(nodes, WaitForEver, Token));

        Assert.Contains("n2 exited (code 7)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("no space left", exception.Message, StringComparison.Ordinal);
        Assert.All(ClusterFile.Read(_directory)!.Nodes, node => Assert.False(IsAlive(node.Pid)));
    }

    [Fact]
    public async Task Nodes_that_never_serve_are_given_up_and_stopped()
    {
        ClusterNode[] nodes = await NodesAsync("exec sleep 60");
        CliException exception = await Assert.ThrowsAsync<CliException>(() => NewStart(patienceSeconds: 0.2).RunAsync(nodes, WaitForEver, Token));

        Assert.Contains("did not answer a linearizable read", exception.Message, StringComparison.Ordinal);
        Assert.All(ClusterFile.Read(_directory)!.Nodes, node => Assert.False(IsAlive(node.Pid)));
    }

    [Fact]
    public async Task A_node_that_dies_is_reported_with_its_signal_and_the_others_stay_until_asked_to_stop()
    {
        using StringWriter error = new();
        using CancellationTokenSource stop = new();
        IReadOnlyList<StartedNode> started = await NewStart().RunAsync(await NodesAsync("exec sleep 60"), ReadyAtOnce, Token);
        TextWriter shared = TextWriter.Synchronized(error);
        string Said()
        {
            // A synchronized writer locks itself.
            lock (shared)
            {
                return error.ToString();
            }
        }

        Task<int> supervising = ClusterSupervisor.RunAsync(new Terminal(TextWriter.Null, shared, false, false), [.. started.Select(node => node.Process)], stop.Token);
        Process.GetProcessById(started[1].Process.Node.Pid).Kill();
        await Client.Tests.Waiting.UntilAsync(() => Task.FromResult(Said().Contains("n2 exited (signal 9)", StringComparison.Ordinal)), TimeSpan.FromSeconds(30), Token);
        bool isFirstAlive = IsAlive(started[0].Process.Node.Pid);
        await stop.CancelAsync();

        Assert.True(isFirstAlive);
        Assert.Equal(ExitCode.Interrupted, await supervising);
        Assert.False(IsAlive(started[0].Process.Node.Pid));
    }

    private static async Task<NodeView> WaitForEver(ClusterNode node, CancellationToken stop)
    {
        await Task.Delay(Timeout.Infinite, stop);
        throw new InvalidOperationException("unreachable");
    }
}
