using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Disks;

/// <summary>A node with a million writes behind it starts again: it reads no more than a bound, and says how far it is.</summary>
public sealed partial class RecoveryTests(ITestOutputHelper output)
{
    private const int Transactions = 10_000;
    private const int PutsEach = 100;
    private const int TransactionsAtOnce = 64;

    /// <summary>A snapshot is begun after 64 MiB of log; what is written while it is made comes on top.</summary>
    private const long MostLogMebibytes = 128;

    [Fact]
    public async Task A_million_writes_are_there_again_after_a_bounded_recovery_that_tells_its_progress()
    {
        // What is tested is the start, from a disk that was written in a hurry.
        await using TestCluster cluster = await TestCluster.StartAsync(1, "--unsafe-no-flush");
        TestNode node = cluster.Nodes[0];
        await using QuorateClient client = node.NewClient(60);
        long begin = Stopwatch.GetTimestamp();
        string value = new('v', 100);
        await Parallel.ForAsync(0, Transactions, new ParallelOptions { MaxDegreeOfParallelism = TransactionsAtOnce, CancellationToken = TestRun.Token }, async (number, stop) =>
            await client.Txn().Then([.. Enumerable.Range(0, PutsEach).Select(k => Operation.Put($"{number:D5}/{k:D2}", value))]).CommitAsync(stop));
        output.WriteLine($"written in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s");
        await node.KillAsync();

        begin = Stopwatch.GetTimestamp();
        await node.StartAsync();
        await node.ReadyAsync(120);
        output.WriteLine($"serves after {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s; {node.Process.Output}");
        RangeResult all = await client.RangeAsync(KeyRange.All, new RangeOptions { CountOnly = true }, TestRun.Token);
        Assert.Equal(Transactions * PutsEach, all.Count);
        Assert.Matches(@"Recovering: \d+ of \d+ MiB of the log", node.Process.Output);
        Match recovered = Recovered().Match(node.Process.Output);
        Assert.True(recovered.Success, node.Process.Output);
        Assert.InRange(long.Parse(recovered.Groups["log"].ValueSpan, CultureInfo.InvariantCulture), 0, MostLogMebibytes);
        Assert.NotEqual("0", recovered.Groups["snapshot"].Value);
    }

    [GeneratedRegex(@"Recovered entries up to \d+, (?<log>\d+) MiB of them behind the \d+ MiB of the snapshot of (?<snapshot>\d+), in ")]
    private static partial Regex Recovered();
}
