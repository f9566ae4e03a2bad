using System.Net;
using System.Net.Sockets;
using Quorate.Client;
using Quorate.Consensus;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Faults;

/// <summary>Those who do not belong: nonsense on the ports, a second process, foreign and lost disks.</summary>
public sealed class StrangerTests
{
    private const int ConnectionsEach = 20;
    private const int ClosedWithinSeconds = 30;

    [Fact]
    public async Task Nonsense_on_any_port_is_answered_or_cut_off_and_nobody_else_notices()
    {
        // With patience: a leader that changes shall mean that nonsense did it, not a busy machine.
        await using TestCluster cluster = await TestCluster.StartAsync(3, "--election-timeout-ms", "5000");
        (_, ulong term) = await cluster.LeaderAsync();
        await using QuorateClient client = cluster.NewClient(30);
        await client.PutPatientlyAsync("k", "1");
        var chance = new SeededGenerator(20261121);
        List<Task> strangers = [];
        foreach (TestNode node in cluster.Nodes)
        {
            foreach (byte[] nonsense in Nonsense(chance))
            {
                strangers.Add(SendAndAwaitEndAsync(node.ClientPort, nonsense));
                strangers.Add(SendAndAwaitEndAsync(node.PeerPort, nonsense));
            }
        }

        await client.PutAsync("k", "2");
        await Task.WhenAll(strangers);
        Assert.All(cluster.Nodes, node => Assert.True(node.IsRunning, node.Process.Output));
        foreach (TestNode node in cluster.Nodes)
        {
            await using QuorateClient one = node.NewClient(30);
            Assert.Equal("2", (await one.GetAsync("k"))?.ValueText);
        }

        Assert.Equal(term, (await cluster.LeaderAsync()).Term);
    }

    [Fact]
    public async Task A_second_process_on_a_data_directory_says_so_and_ends()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        await using var second = new TestNode("n1", cluster.Nodes[0].DataDirectory, TestRun.NewPort(), TestRun.NewPort());
        await second.StartAsync();
        Assert.Equal(1, await second.Process.ExitAsync(20));
        Assert.Contains($"{cluster.Nodes[0].DataDirectory} is in use by another process. Stop it, or give this node another --data-dir.", second.Process.Output, StringComparison.Ordinal);
        await cluster.Nodes[0].ReadyAsync();
    }

    [Fact]
    public async Task A_node_that_lost_its_disk_is_refused_and_told_how_to_replace_it()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        TestNode wiped = cluster.Nodes[2];
        await using QuorateClient others = TestNode.Connect(10, cluster.Nodes[0].Url, cluster.Nodes[1].Url);
        await others.PutPatientlyAsync("k", "1");
        await wiped.KillAsync();
        Directory.Delete(wiped.DataDirectory, recursive: true);
        await wiped.StartAsync();
        await SaysAsync(wiped, "the cluster knows n3 under another identity");
        await SaysAsync(wiped, "quorate member replace n3");

        await others.PutPatientlyAsync("k", "2");
        await using QuorateClient direct = wiped.NewClient(2);
        await Assert.ThrowsAsync<QuorateException>(() => direct.GetAsync("k"));
    }

    [Fact]
    public async Task A_node_with_the_disk_of_another_cluster_is_refused_by_name_of_both()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        await using TestCluster foreign = await TestCluster.StartAsync(1);
        await using QuorateClient others = TestNode.Connect(10, cluster.Nodes[0].Url, cluster.Nodes[1].Url);
        TestNode lost = cluster.Nodes[2];
        await lost.KillAsync();
        await foreign.Nodes[0].KillAsync();
        await using var stranger = new TestNode("n1", foreign.Nodes[0].DataDirectory, TestRun.NewPort(), lost.PeerPort) { InitialCluster = lost.InitialCluster.Replace("n1=", "x=", StringComparison.Ordinal).Replace("n3=", "n1=", StringComparison.Ordinal) };
        await stranger.StartAsync();
        await SaysAsync(stranger, "cluster id mismatch");
        await SaysAsync(stranger, "or an empty --data-dir to the node that should change sides");
        await others.PutPatientlyAsync("k", "1");
        await stranger.DisposeAsync();
        await lost.StartAsync();
        await lost.ReadyAsync();
    }

    private static Task SaysAsync(TestNode node, string text) => TestRun.UntilAsync(
        () => Task.FromResult(node.Process.Output.Contains(text, StringComparison.Ordinal)), 30, () => $"'{text}' is said; said was: {node.Process.Output}");

    /// <summary>Noise, and beginnings of what each port expects with noise behind them.</summary>
    private static IEnumerable<byte[]> Nonsense(SeededGenerator chance)
    {
        byte[] peer = "QRPEER1\n"u8.ToArray();
        byte[] http2 = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];
        for (int number = 0; number < ConnectionsEach; number++)
        {
            byte[] noise = Noise(chance, (int)chance.Below(5000) + 1);
            yield return noise;
            yield return [.. peer, .. noise];
            yield return [.. peer, 16, 0, 0, 0, .. noise];
            yield return [.. peer, 255, 255, 255, 127, .. noise];
            yield return [.. http2, .. noise];
            yield return [.. http2, 0, 0, 16, 1, 5, 0, 0, 0, 1, .. noise];
        }

        yield return "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"u8.ToArray();
        yield return [.. peer, .. Noise(chance, 1 << 20)];
    }

    private static byte[] Noise(SeededGenerator chance, int length)
    {
        byte[] noise = new byte[length];
        for (int index = 0; index < length; index++)
        {
            noise[index] = (byte)chance.Next();
        }

        return noise;
    }

    private static async Task SendAndAwaitEndAsync(int port, byte[] bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, TestRun.Token);
        byte[] answer = new byte[4096];
        try
        {
            await socket.SendAsync(bytes, TestRun.Token);
            socket.Shutdown(SocketShutdown.Send);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestRun.Token);
            limit.CancelAfter(TimeSpan.FromSeconds(ClosedWithinSeconds));
            while (await socket.ReceiveAsync(answer, limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Cut off while we were still talking.
        }
    }
}
