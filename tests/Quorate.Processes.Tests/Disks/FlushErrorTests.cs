using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Disks;

/// <summary>The disk says at a flush that it could not keep what it took (fsyncgate: asking again would be told that all is well).</summary>
public sealed class FlushErrorTests
{
    private const string Strace = "/usr/bin/strace";

    [Fact]
    public async Task A_node_whose_flush_fails_stops_with_a_clear_message_and_acknowledges_nothing_more()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        TestNode node = cluster.Nodes[0];
        await using QuorateClient client = node.NewClient(5);
        await client.PutAsync("before", "1");
        await using Child strace = await BreakFlushesAsync(node);

        await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("after", "2", cancellationToken: TestRun.Token));
        Assert.Equal(1, await node.Process.ExitAsync(20));
        Assert.Matches("quorate: n1 stops: .*[Ff]lush.*failed", node.Process.Output);
        await strace.DisposeAsync();
        await node.StartAsync();
        await node.ReadyAsync();
        Assert.Equal("1", (await client.GetAsync("before"))?.ValueText);
    }

    [Fact]
    public async Task The_cluster_goes_on_without_a_leader_whose_flush_fails_and_nothing_acknowledged_is_lost()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        (TestNode leader, ulong term) = await cluster.LeaderAsync();
        await using var puts = new AcknowledgedPuts("a/", 100, [.. cluster.Nodes.Select(node => node.Url)]);
        await puts.AtLeastAsync(200);
        await using Child strace = await BreakFlushesAsync(leader);
        Assert.Equal(1, await leader.Process.ExitAsync(20));
        Assert.Matches($"quorate: {leader.Name} stops: .*[Ff]lush.*failed", leader.Process.Output);

        await cluster.LeaderAsync(termAbove: term);
        await puts.AtLeastAsync(puts.Count + 200);
        await puts.StopAsync();
        await leader.StartAsync();
        foreach (TestNode node in cluster.Nodes)
        {
            await node.ReadyAsync();
            Assert.Empty(await puts.MissingAsync(node));
        }
    }

    /// <summary>From when this returns every flush of the node fails.</summary>
    private static async Task<Child> BreakFlushesAsync(TestNode node)
    {
        Assert.SkipUnless(File.Exists(Strace), "strace is not installed (Debian package strace)");
        Child strace = await Child.StartAsync(
            Strace, "-f", "-p", $"{node.Process.Pid}", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO");
        await TestRun.UntilAsync(() => strace.HasExited || strace.Output.Contains("attached", StringComparison.Ordinal), 20, "strace attaches");
        if (strace.HasExited)
        {
            Assert.Skip($"strace may not attach here: {strace.Output}");
        }

        return strace;
    }
}
