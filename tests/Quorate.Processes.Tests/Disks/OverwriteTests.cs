using System.Globalization;
using System.Text.Json;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Disks;

/// <summary>The same keys are written over and over while history is compacted: neither disk nor memory grows.</summary>
public sealed class OverwriteTests(ITestOutputHelper output)
{
    private const int DiskMegabytes = 96;
    private const int ShortKeys = 1_000;
    private const int ShortValueBytes = 4096;
    private const int ShortWrites = 50_000;
    private const long ShortKeptRevisions = 1_000;

    private const int LongKeys = 100_000;
    private const int LongValueBytes = 256;
    private const int LongSeconds = 600;

    /// <summary>What the collector may let lie around, above a quarter more than there was.</summary>
    private const long MemoryNoiseMegabytes = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Twice as much is written as each disk holds: it would be full if the log were not trimmed or history not compacted.</summary>
    [Fact]
    public async Task More_is_overwritten_than_the_disks_hold_and_neither_they_nor_the_memory_fill_up()
    {
        await using LoopDisk first = await LoopDisk.CreateAsync(DiskMegabytes);
        await using LoopDisk second = await LoopDisk.CreateAsync(DiskMegabytes);
        await using LoopDisk third = await LoopDisk.CreateAsync(DiskMegabytes);
        await using TestCluster cluster = TestCluster.Plan(3, null);
        foreach ((TestNode node, LoopDisk disk) in cluster.Nodes.Zip([first, second, third]))
        {
            node.DataDirectory = Path.Combine(disk.MountPoint, node.Name);
        }

        await cluster.StartAllAsync();
        await using QuorateClient client = cluster.NewClient();
        List<Sample> samples = await OverwriteAsync(
            cluster, () => CompactAsync(client), ["--total", $"{ShortWrites}", "--keys", $"{ShortKeys}", "--value-size", $"{ShortValueBytes}", "--clients", "64", "--conns", "8"], ShortWrites);
        Assert.InRange(samples.Max(sample => sample.DiskMebibytes), 0, DiskMegabytes);
        AssertMemoryIsFlat(samples);
        foreach (TestNode node in cluster.Nodes)
        {
            await node.DisposeAsync();
        }
    }

    /// <summary>The promise as it stands: ten minutes, the usual sizes, automatic compaction. Run by QUORATE_LONG_TESTS=1 ./test Processes.</summary>
    [Fact(Explicit = true)]
    public async Task Ten_minutes_of_overwrites_leave_disk_within_three_times_the_live_data_and_512_MiB_and_memory_flat()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, "--auto-compaction-retention", "10s");
        List<Sample> samples = await OverwriteAsync(
            cluster, () => Task.CompletedTask, ["--seconds", $"{LongSeconds}", "--keys", $"{LongKeys}", "--value-size", $"{LongValueBytes}", "--clients", "200", "--conns", "20"], LongKeys);
        const long Live = (long)LongKeys * LongValueBytes >> 20;
        Assert.InRange(samples.Max(sample => sample.DiskMebibytes), 0, (3 * Live) + 512);
        AssertMemoryIsFlat(samples);
    }

    private async Task<List<Sample>> OverwriteAsync(TestCluster cluster, Func<Task> also, string[] load, long atLeast)
    {
        await using Child bench = await Child.StartAsync(TestRun.Program, ["bench", "put", "--endpoints", cluster.Endpoints, "--warmup-seconds", "0", "--json", .. load]);
        var samples = new List<Sample>();
        while (!bench.HasExited)
        {
            await also();
            samples.Add(new Sample(cluster.Nodes.Max(node => node.MemoryMegabytes), cluster.Nodes.Max(node => node.DiskMebibytes)));
            await Task.Delay(Interval, TestRun.Token);
        }

        Assert.True(await bench.ExitAsync(10) == 0, bench.Output);

        // What went wrong is said beside the report.
        string said = bench.Output;
        using JsonDocument report = JsonDocument.Parse(said[said.IndexOf('{', StringComparison.Ordinal)..(said.LastIndexOf('}') + 1)]);
        output.WriteLine($"{report.RootElement.GetProperty("operationsPerSecond").GetDouble():0} writes/s for {report.RootElement.GetProperty("seconds").GetDouble():0} s");
        for (int at = 0; at < samples.Count; at += Math.Max(1, samples.Count / 12))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at * 100 / samples.Count,3} %: memory {samples[at].MemoryMegabytes} MB, disk {samples[at].DiskMebibytes} MiB"));
        }

        Assert.True(report.RootElement.GetProperty("errors").GetInt64() == 0, said);
        Assert.InRange(report.RootElement.GetProperty("operations").GetInt64(), atLeast, long.MaxValue);
        return samples;
    }

    private static async Task CompactAsync(QuorateClient client)
    {
        long revision = (await client.RangeAsync("\0", cancellationToken: TestRun.Token)).Revision - ShortKeptRevisions;
        if (revision <= 1)
        {
            return;
        }

        try
        {
            await client.CompactAsync(revision, cancellationToken: TestRun.Token);
        }
        catch (QuorateException)
        {
            // The next one compacts more.
        }
    }

    /// <summary>The highest of the last third against the highest of the one before: in the first the data comes to be.</summary>
    private void AssertMemoryIsFlat(List<Sample> samples)
    {
        int third = samples.Count / 3;
        long before = samples.Skip(third).Take(third).Max(sample => sample.MemoryMegabytes);
        long after = samples.Skip(2 * third).Max(sample => sample.MemoryMegabytes);
        output.WriteLine($"{samples.Count} samples; at most {before} MB, then {after} MB; disk at most {samples.Max(sample => sample.DiskMebibytes)} MiB");
        Assert.InRange(after, 0, before + (before / 4) + MemoryNoiseMegabytes);
    }

    /// <summary>The largest of three nodes at one moment.</summary>
    private sealed record Sample(long MemoryMegabytes, long DiskMebibytes);
}
