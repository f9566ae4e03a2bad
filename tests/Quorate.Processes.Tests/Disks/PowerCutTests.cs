using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Disks;

/// <summary>
/// A power cut: the processes are frozen between two instructions, the file behind their file system is copied, and they are killed. Nothing
/// that the page cache still held is in the copy; what was acknowledged by then must be.
/// </summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    private const string UnsafeNoFlush = "--unsafe-no-flush";
    private const int WantedWrites = 1_500;
    private const int ValueBytes = 200;

    [Fact]
    public async Task A_power_cut_of_all_nodes_at_one_instant_loses_nothing_acknowledged()
    {
        int lost = await CutAllAsync([]);
        Assert.Equal(0, lost);
    }

    [Fact]
    public async Task The_same_power_cut_loses_acknowledged_writes_when_nothing_is_flushed()
    {
        int lost = await CutAllAsync([UnsafeNoFlush]);
        Assert.True(lost > 0, "the test could not have seen a loss");
    }

    [Fact]
    public async Task A_node_that_lost_its_power_still_vouches_for_all_it_acknowledged()
    {
        int lost = await CutOneAsync([]);
        Assert.Equal(0, lost);
    }

    [Fact]
    public async Task The_same_power_cut_of_one_node_loses_acknowledged_writes_when_nothing_is_flushed()
    {
        int lost = await CutOneAsync([UnsafeNoFlush]);
        Assert.True(lost > 0, "the test could not have seen a loss");
    }

    /// <summary>All three nodes live on one file system, so that one copy is the same instant for all.</summary>
    private async Task<int> CutAllAsync(IReadOnlyList<string> options)
    {
        await using LoopDisk disk = await LoopDisk.CreateAsync();
        await using TestCluster cluster = TestCluster.Plan(3, disk.MountPoint, [.. TestCluster.Quick, .. options]);
        await cluster.StartAllAsync();

        // The founding shall survive: what is looked for is lost writes, not a lost cluster.
        await disk.SyncAsync();
        await using var puts = new AcknowledgedPuts("a/", ValueBytes, [.. cluster.Nodes.Select(node => node.Url)]);
        await puts.AtLeastAsync(WantedWrites);
        await using LoopDisk copy = await CutAsync(disk, cluster.Nodes);
        await puts.StopAsync();

        foreach (TestNode node in cluster.Nodes)
        {
            node.DataDirectory = Path.Combine(copy.MountPoint, node.Name);
            await node.StartAsync();
        }

        int lost = await LostAsync(cluster.Nodes, puts);
        await DisposeAllAsync(cluster.Nodes);
        return lost;
    }

    /// <summary>
    /// n3 is down while the writes are acknowledged, so that each of them rests on n1 and n2. Then n1 loses its power and n2 its life: only
    /// what n1 made durable can still be there.
    /// </summary>
    private async Task<int> CutOneAsync(IReadOnlyList<string> options)
    {
        await using LoopDisk disk = await LoopDisk.CreateAsync();
        await using TestCluster cluster = TestCluster.Plan(3, null, [.. TestCluster.Quick, .. options]);
        TestNode victim = cluster.Nodes[0];
        victim.DataDirectory = Path.Combine(disk.MountPoint, victim.Name);
        await cluster.StartAllAsync();
        await disk.SyncAsync();
        await cluster.Nodes[2].KillAsync();
        await using var puts = new AcknowledgedPuts("a/", ValueBytes, cluster.Nodes[0].Url, cluster.Nodes[1].Url);
        await puts.AtLeastAsync(WantedWrites);
        await using LoopDisk copy = await CutAsync(disk, [victim]);
        await cluster.Nodes[1].KillAsync();
        await puts.StopAsync();

        victim.DataDirectory = Path.Combine(copy.MountPoint, victim.Name);
        await victim.StartAsync();
        await cluster.Nodes[2].StartAsync();
        int lost = await LostAsync([victim, cluster.Nodes[2]], puts);
        await DisposeAllAsync(cluster.Nodes);
        return lost;
    }

    private static async Task<LoopDisk> CutAsync(LoopDisk disk, IReadOnlyList<TestNode> nodes)
    {
        foreach (TestNode node in nodes)
        {
            node.Process.Signal(Child.Stop);
        }

        LoopDisk copy = await disk.CopyAsync();
        foreach (TestNode node in nodes)
        {
            await node.KillAsync();
        }

        return copy;
    }

    private async Task<int> LostAsync(IReadOnlyList<TestNode> nodes, AcknowledgedPuts puts)
    {
        int lost = 0;
        foreach (TestNode node in nodes)
        {
            await node.ReadyAsync();
            IReadOnlyList<string> missing = await puts.MissingAsync(node);
            lost = Math.Max(lost, missing.Count);
        }

        output.WriteLine($"{puts.Count} acknowledged, {lost} lost");
        return lost;
    }

    /// <summary>Before the file systems below them are taken away.</summary>
    private static async Task DisposeAllAsync(IReadOnlyList<TestNode> nodes)
    {
        foreach (TestNode node in nodes)
        {
            await node.DisposeAsync();
        }
    }
}
