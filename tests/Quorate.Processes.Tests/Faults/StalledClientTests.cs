using System.Diagnostics;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Faults;

/// <summary>Clients that ask and never take the answers: the server's memory stays bounded and everybody else is served.</summary>
public sealed class StalledClientTests(ITestOutputHelper output)
{
    private const int WatchersEach = 100;
    private const int WatchConnections = 10;
    private const int WarmUpWrites = 200;
    private const int Writes = 6_000;
    private const int WritesAtOnce = 24;
    private const int ValueBytes = 4096;
    private const string LastKey = "a/last";
    private const long FirstRevision = 2;

    /// <summary>Without a bound each watcher would hold 24 MB: 24 GB in all.</summary>
    private const long MostGrowthMegabytes = 600;

    /// <summary>Field 1 (create request) of a WatchRequest with key "a" and range end "b".</summary>
    private static readonly byte[] WatchFromAToB = [0x0a, 6, 0x0a, 1, (byte)'a', 0x12, 1, (byte)'b'];

    [Fact]
    public async Task A_thousand_stalled_watchers_neither_fill_the_memory_nor_slow_a_watcher_that_reads()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        (TestNode node, _) = await cluster.LeaderAsync();
        await using QuorateClient client = node.NewClient(30);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestRun.Token);
        RawHttp2Client[] stalled = [.. await Task.WhenAll(Enumerable.Range(0, WatchConnections).Select(_ => RawHttp2Client.ConnectAsync(node.ClientPort, grantsWindow: false)))];
        Task[] alive = [.. stalled.Select(one => one.StayAliveAsync(stop.Token))];
        foreach (RawHttp2Client one in stalled)
        {
            for (int watcher = 0; watcher < WatchersEach; watcher++)
            {
                await one.CallAsync("/etcdserverpb.Watch/Watch", WatchFromAToB, isLast: false);
            }
        }

        Task<int> reader = ReadToTheEndAsync(node, stop.Token);
        await WriteAsync(client, WarmUpWrites);
        long before = node.MemoryMegabytes;
        long begin = Stopwatch.GetTimestamp();
        await WriteAsync(client, Writes);
        await client.PutPatientlyAsync(LastKey, "");
        Assert.InRange(await reader.WaitAsync(TimeSpan.FromSeconds(120), TestRun.Token), WarmUpWrites + Writes, int.MaxValue);
        long after = node.MemoryMegabytes;
        output.WriteLine($"{Writes} writes in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s, memory {before} MB → {after} MB");

        Assert.InRange(after - before, long.MinValue, MostGrowthMegabytes);
        Assert.True(node.IsRunning);
        await stop.CancelAsync();
        await Task.WhenAll(alive);
        Array.ForEach(stalled, one => one.Dispose());
    }

    [Theory]
    [InlineData(1 << 20, 1_000, MostGrowthMegabytes)]
    [InlineData(1_000, 80_000, 800)]
    public async Task A_client_that_never_reads_its_answers_does_not_fill_the_memory(int valueBytes, int requestsEach, long mostGrowthMegabytes)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        TestNode node = cluster.Nodes[0];
        await using QuorateClient client = node.NewClient(30);
        await client.PutPatientlyAsync("a", new byte[valueBytes]);
        await WriteAsync(client, 500);
        long before = node.MemoryMegabytes;
        RawHttp2Client[] deaf = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RawHttp2Client.ConnectAsync(node.ClientPort, grantsWindow: true)))];
        foreach (RawHttp2Client one in deaf)
        {
            for (int request = 0; request < requestsEach; request++)
            {
                // A RangeRequest of key "a".
                Task asked = one.CallAsync("/etcdserverpb.KV/Range", [0x0a, 1, (byte)'a'], isLast: true);
                if (await Task.WhenAny(asked, Task.Delay(2000)) != asked)
                {
                    // The server has stopped taking requests from somebody who takes no answers: just what it should do.
                    break;
                }
            }
        }

        await WriteAsync(client, 500);
        long after = node.MemoryMegabytes;
        output.WriteLine($"memory {before} MB → {after} MB");
        Assert.InRange(after - before, long.MinValue, mostGrowthMegabytes);
        Assert.Equal(valueBytes, (await client.GetAsync("a"))?.Value.Length);
        Array.ForEach(deaf, one => one.Dispose());
    }

    private static async Task WriteAsync(QuorateClient client, int count)
    {
        byte[] value = new byte[ValueBytes];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce, CancellationToken = TestRun.Token }, async (number, _) =>
            await client.PutPatientlyAsync($"a/{number % 100}", value));
    }

    /// <summary>Every revision of this test is one event: none may be missing or come twice.</summary>
    /// <returns>How many there were.</returns>
    private static async Task<int> ReadToTheEndAsync(TestNode node, CancellationToken stop)
    {
        await using QuorateClient client = node.NewClient(30);
        int count = 0;
        await foreach (WatchEvent item in client.WatchEventsAsync(KeyRange.Prefix("a/"), new WatchOptions { StartRevision = 1 }, stop))
        {
            count++;
            Assert.Equal(FirstRevision + count - 1, item.KeyValue.ModRevision);
            if (item.KeyValue.KeyText == LastKey)
            {
                break;
            }
        }

        return count;
    }
}
