using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Faults;

/// <summary>A node that is left alone: it must not pretend.</summary>
public sealed class MinorityTests
{
    [Fact]
    public async Task A_node_of_a_minority_refuses_writes_and_fresh_reads_serves_old_ones_and_recovers()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        TestNode alone = cluster.Nodes[1];
        await using QuorateClient client = alone.NewClient(15);
        await client.PutAsync("k", "1");
        await cluster.Nodes[0].KillAsync();
        await cluster.Nodes[2].KillAsync();

        QuorateException write = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("k", "2"));
        Assert.Matches("^etcdserver: (request timed out|no leader)", write.Message);
        QuorateException read = await Assert.ThrowsAsync<QuorateException>(() => client.GetAsync("k"));
        Assert.Matches("^etcdserver: (request timed out|no leader)", read.Message);
        Assert.Equal("1", (await client.GetAsync("k", new RangeOptions { IsSerializable = true }))?.ValueText);

        await cluster.Nodes[0].StartAsync();
        await alone.ReadyAsync();
        await client.PutAsync("k", "3");
        Assert.Equal("3", (await client.GetAsync("k"))?.ValueText);
    }
}
