using System.Text;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Disks;

/// <summary>A bit flips on the disk, in the middle of what was flushed long ago.</summary>
public sealed class CorruptLogTests
{
    private const int Keys = 300;

    [Fact]
    public async Task A_follower_whose_log_is_corrupt_mends_it_from_its_peers_and_serves_and_votes_again()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        (TestNode leader, _) = await cluster.LeaderAsync();
        await using QuorateClient client = cluster.NewClient();
        await PutAllAsync(client);
        TestNode hurt = cluster.Nodes.First(node => node != leader);
        await hurt.KillAsync();
        FlipBitAt(hurt, "value 150.");

        await hurt.StartAsync();
        await hurt.ReadyAsync();
        await TestRun.UntilAsync(
            () => Task.FromResult(hurt.Process.Output.Contains("whole again", StringComparison.Ordinal)), 20, () => $"{hurt.Name} is mended; it said: {hurt.Process.Output}");
        Assert.Matches(@"The log is corrupt at records \d+ to \d+: .*log-\d+\.qlog at offset \d+\. The node fetches what is missing from its peers", hurt.Process.Output);
        await AssertAllThereAsync(hurt);

        // Only with it there is a majority now.
        await cluster.Nodes.First(node => node != leader && node != hurt).KillAsync();
        await client.PutAsync("after", "mended", cancellationToken: TestRun.Token);

        await hurt.KillAsync();
        await hurt.StartAsync();
        await hurt.ReadyAsync();
        await AssertAllThereAsync(hurt);
        Assert.DoesNotContain("fetches what is missing", hurt.Process.Output);
    }

    [Fact]
    public async Task A_single_node_whose_log_is_corrupt_refuses_to_start_and_says_where_and_what_to_do()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        TestNode node = cluster.Nodes[0];
        await using (QuorateClient client = node.NewClient())
        {
            await PutAllAsync(client);
        }

        await node.KillAsync();
        FlipBitAt(node, "value 150.");
        for (int start = 0; start < 2; start++)
        {
            await node.StartAsync();
            Assert.Equal(1, await node.Process.ExitAsync(20));
            Assert.Matches(@"log-\d+\.qlog at offset \d+\. There is no other node to fetch it from.*--data-dir", node.Process.Output);
        }
    }

    private static async Task PutAllAsync(QuorateClient client)
    {
        for (int i = 0; i < Keys; i++)
        {
            await client.PutAsync($"key {i}", $"value {i}.", cancellationToken: TestRun.Token);
        }
    }

    private static async Task AssertAllThereAsync(TestNode node)
    {
        await using QuorateClient client = node.NewClient();
        for (int i = 0; i < Keys; i++)
        {
            Assert.Equal($"value {i}.", (await client.GetAsync($"key {i}", cancellationToken: TestRun.Token))?.ValueText);
        }
    }

    private static void FlipBitAt(TestNode node, string text)
    {
        foreach (string name in Directory.GetFiles(node.DataDirectory, "log-*.qlog", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(name);
            int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
            if (at >= 0)
            {
                using FileStream file = File.OpenWrite(name);
                file.Position = at;
                file.WriteByte((byte)(bytes[at] ^ 1));
                return;
            }
        }

        Assert.Fail($"{text} is not in the log of {node.Name}");
    }
}
