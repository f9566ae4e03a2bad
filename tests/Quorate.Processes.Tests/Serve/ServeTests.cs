using System.Net.Sockets;
using System.Text;
using Quorate.Client;
using Quorate.Processes.Tests.Disks;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Serve;

/// <summary>What <c>serve</c> promises to those who run it.</summary>
public sealed class ServeTests
{
    private const int QuotaBytes = 1 << 20;
    private const int ValueBytes = 64 << 10;

    [Fact]
    public async Task A_node_tells_systemd_when_it_is_ready_and_when_it_stops_and_ends_with_zero()
    {
        await using TestCluster cluster = TestCluster.Plan(1, null);
        TestNode node = cluster.Nodes[0];
        string path = Path.Combine(Directory.CreateDirectory(node.DataDirectory).FullName, "notify");
        using Socket systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        node.Environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path };
        await node.StartAsync();
        Assert.Equal("READY=1", await ReceiveAsync(systemd));
        await using QuorateClient client = node.NewClient();
        await client.PutAsync("k", "1", cancellationToken: TestRun.Token);
        node.Process.Signal(Child.Terminate);
        Assert.Equal("STOPPING=1", await ReceiveAsync(systemd));
        Assert.Equal(0, await node.Process.ExitAsync(20));
    }

    [Fact]
    public async Task A_leader_that_is_told_to_stop_hands_over_and_ends_with_zero_and_no_write_is_lost()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        (TestNode leader, ulong term) = await cluster.LeaderAsync();
        await using var puts = new AcknowledgedPuts("a/", 100, [.. cluster.Nodes.Where(node => node != leader).Select(node => node.Url)]);
        await puts.AtLeastAsync(200);
        leader.Process.Signal(Child.Terminate);
        Assert.Equal(0, await leader.Process.ExitAsync(20));
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

    [Fact]
    public async Task A_node_at_its_quota_refuses_writes_until_automatic_compaction_has_made_room()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1, "--quota-backend-bytes", $"{QuotaBytes}", "--auto-compaction-retention", "10s");
        await using QuorateClient client = cluster.NewClient();
        int written = 0;
        QuorateException refused = await Assert.ThrowsAsync<QuorateException>(async () =>
        {
            for (; written <= 2 * QuotaBytes / ValueBytes; written++)
            {
                await client.PutAsync("k"u8.ToArray(), new byte[ValueBytes], cancellationToken: TestRun.Token);
            }
        });
        Assert.Equal("etcdserver: mvcc: database space exceeded", refused.Message);
        Assert.Equal(RequestOutcome.NotApplied, refused.Outcome);
        Assert.InRange(written, QuotaBytes / ValueBytes / 2, QuotaBytes / ValueBytes);
        RangeResult first = await client.RangeAsync("k", cancellationToken: TestRun.Token);
        Assert.Equal(ValueBytes, Assert.Single(first.KeyValues).Value.Length);

        // It is history that fills the quota; the key itself fits many times.
        await client.PutPatientlyAsync("k", "again");
        await Assert.ThrowsAsync<CompactedException>(() => client.RangeAsync("k", new RangeOptions { Revision = first.Revision - 1 }, TestRun.Token));
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] message = new byte[100];
        int length = await socket.ReceiveAsync(message, TestRun.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(40), TestRun.Token);
        return Encoding.ASCII.GetString(message, 0, length);
    }
}
