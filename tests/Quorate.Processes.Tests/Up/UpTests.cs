using System.Text.Json;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Up;

/// <summary><c>up</c> and <c>down</c> with real nodes.</summary>
public sealed class UpTests : IAsyncDisposable
{
    private const int PortsNeeded = 6;
    private readonly string _directory = TestRun.NewDirectory();
    private readonly int _port = NewPorts();

    [Fact]
    public async Task Nodes_die_with_an_up_that_is_killed()
    {
        await using Child up = await UpAsync();
        int[] pids = Pids();
        Assert.Equal(3, pids.Length);
        up.Signal(Child.Kill);
        await TestRun.UntilAsync(() => !pids.Any(IsAlive), 20, "every node dies");
    }

    [Fact]
    public async Task A_node_that_dies_is_reported_and_started_again_alone_with_its_data()
    {
        await using Child up = await UpAsync();
        int[] pids = Pids();
        await using QuorateClient client = TestNode.Connect(10, [.. Enumerable.Range(0, 3).Select(k => new Uri($"http://127.0.0.1:{_port + (2 * k)}"))]);
        await client.PutPatientlyAsync("k", "1");
        Child.Send(pids[1], Child.Kill);
        await TestRun.UntilAsync(() => up.Output.Contains("n2 exited (signal 9)", StringComparison.Ordinal), 20, "the death is reported");
        Assert.True(IsAlive(pids[0]) && IsAlive(pids[2]), "the others stay");
        await client.PutPatientlyAsync("k", "2");

        (int code, string said) = await Child.RunAsync(TestRun.Program, ["up", "--data-dir", _directory, "--only", "n2", "--detach"], patienceSeconds: 70);
        Assert.True(code == 0, said);
        await using QuorateClient direct = TestNode.Connect(10, new Uri($"http://127.0.0.1:{_port + 2}"));
        Assert.Equal("2", (await direct.GetAsync("k"))?.ValueText);

        up.Signal(Child.Interrupt);
        Assert.Equal(130, await up.ExitAsync(30));
        int second = Pids()[1];
        Assert.True(IsAlive(second), "what is detached goes on");
        await DownAsync();
        Assert.False(IsAlive(second));
    }

    [Fact]
    public async Task A_detached_cluster_goes_on_until_down_and_continues_with_its_data()
    {
        await using Child up = await Child.StartAsync(TestRun.Program, [.. Arguments(), "--detach"]);
        Assert.True(await up.ExitAsync(70) == 0, up.Output);
        Assert.Contains("ready\n", up.Output, StringComparison.Ordinal);
        Assert.True(await up.HasClosedOutputsAsync(10), "the nodes hold the outputs of the 'up' that has ended: its reader would wait for ever");
        int[] pids = Pids();
        Assert.All(pids, pid => Assert.True(IsAlive(pid)));
        await using QuorateClient client = TestNode.Connect(10, new Uri($"http://127.0.0.1:{_port}"));
        await client.PutPatientlyAsync("k", "1");
        await DownAsync();
        Assert.All(pids, pid => Assert.False(IsAlive(pid)));

        (int code, string said) = await Child.RunAsync(TestRun.Program, ["up", "--data-dir", _directory, "--detach"], patienceSeconds: 70);
        Assert.True(code == 0, said);
        Assert.Equal("1", (await client.GetAsync("k"))?.ValueText);
        await DownAsync();
        await DownAsync();
    }

    public async ValueTask DisposeAsync()
    {
        int[] left = File.Exists(ClusterFile) ? [.. Pids().Where(IsAlive)] : [];
        Array.ForEach(left, pid => Child.Send(pid, Child.Kill));
        await TestRun.UntilAsync(() => !left.Any(IsAlive), 20, "the nodes that are left die");
        Directory.Delete(_directory, recursive: true);
    }

    private string ClusterFile => Path.Combine(_directory, "cluster.json");

    /// <summary>Client ports are even ones from the first on, peer ports the odd ones between them.</summary>
    private string[] Arguments() => ["up", "--data-dir", _directory, "--client-port", $"{_port}", "--peer-port", $"{_port + 1}", "--port-step", "2"];

    private static int NewPorts()
    {
        int first = TestRun.NewPort();
        for (int last = first; last < first + PortsNeeded - 1;)
        {
            int next = TestRun.NewPort();
            first = next == last + 1 ? first : next;
            last = next;
        }

        return first;
    }

    private async Task<Child> UpAsync()
    {
        Child up = await Child.StartAsync(TestRun.Program, Arguments());
        await TestRun.UntilAsync(
            () =>
            {
                Assert.False(up.HasExited, up.Output);
                return Task.FromResult(up.Output.Contains("ready\n", StringComparison.Ordinal));
            },
            70,
            () => $"ready; so far: {up.Output}");
        return up;
    }

    private async Task DownAsync()
    {
        (int code, string said) = await Child.RunAsync(TestRun.Program, ["down", "--data-dir", _directory]);
        Assert.True(code == 0, said);
    }

    private int[] Pids()
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(ClusterFile));
        return [.. file.RootElement.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("pid").GetInt32())];
    }

    /// <summary>A process whose end nobody has asked about is dead too; so is one that took over the number of a node.</summary>
    private bool IsAlive(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(_directory, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
