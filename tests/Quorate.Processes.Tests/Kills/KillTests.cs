using System.Diagnostics;
using Quorate.Checking;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;
using Operation = Quorate.Checking.Operation;

namespace Quorate.Processes.Tests.Kills;

/// <summary>The leader is killed again and again under clients that fight for the same keys.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int ClientCount = 9;
    private const int WantedLeaderChanges = 10;
    private const int WantedOperations = 5_000;
    private const double PatienceSeconds = 150;
    private const long SearchSteps = 40_000_000;

    [Fact]
    public async Task Killing_the_leader_ten_times_loses_nothing_and_every_answer_fits_one_order()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        long begin = Stopwatch.GetTimestamp();
        HistoryClient[] clients = [.. Enumerable.Range(0, ClientCount).Select(k => new HistoryClient(cluster.Nodes[k % 3], k, begin, (ulong)k + 1))];
        using var stop = new CancellationTokenSource();
        Task running = Task.WhenAll(clients.Select(client => client.RunAsync(stop.Token)));
        int changes;
        try
        {
            changes = await KillLeadersAsync(cluster, () => clients.Sum(client => client.Answered));
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }

        List<Operation> history = [.. clients.SelectMany(client => client.Operations)];
        Operation[] final = await ReadThroughEachNodeAsync(cluster, begin);
        history.AddRange(final);
        output.WriteLine($"{changes} leader changes, {history.Count} operations, of them {history.Count(operation => operation.Outcome == Outcome.Unknown)} of unknown outcome and "
            + $"{history.Count(operation => operation.Outcome == Outcome.Failed)} failed, in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s");

        AssertVerdict(Verdict.Ok, history);
        AssertVerdict(Verdict.Violation, Doctored.WithLostWrite(history, final[0].Results[0].Found!));
        AssertVerdict(Verdict.Violation, Doctored.WithStaleRead(history));
    }

    /// <summary>Both opinions count: the one by revisions, and the one that never looks at them.</summary>
    private void AssertVerdict(Verdict expected, List<Operation> history)
    {
        long begin = Stopwatch.GetTimestamp();
        CheckResult byRevision = RevisionChecker.Check(history).Result;
        Assert.True(byRevision.Verdict == expected, $"by revision: {byRevision}");
        CheckResult bySearch = LinearizabilityChecker.Check(history, SearchSteps);
        Assert.True(bySearch.Verdict == expected, $"by search: {bySearch}");
        output.WriteLine($"{expected} found in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s");
    }

    /// <returns>How many times another ballot led after a kill.</returns>
    private static async Task<int> KillLeadersAsync(TestCluster cluster, Func<int> countAnswered)
    {
        long begin = Stopwatch.GetTimestamp();
        int changes = 0;
        (TestNode leader, ulong term) = await cluster.LeaderAsync();
        while (changes < WantedLeaderChanges || countAnswered() < WantedOperations)
        {
            Assert.True(Stopwatch.GetElapsedTime(begin).TotalSeconds < PatienceSeconds, $"only {changes} leader changes and {countAnswered()} operations");
            int before = countAnswered();
            await leader.KillAsync();
            TestNode killed = leader;
            (leader, term) = await cluster.LeaderAsync(termAbove: term);
            changes++;
            await TestRun.UntilAsync(() => countAnswered() > before + (WantedOperations / WantedLeaderChanges / 2), 20, "operations go on under the new leader");
            await killed.StartAsync();
            await killed.ReadyAsync();
        }

        return changes;
    }

    private static async Task<Operation[]> ReadThroughEachNodeAsync(TestCluster cluster, long begin)
    {
        var reads = new List<Operation>();
        foreach (TestNode node in cluster.Nodes)
        {
            await using QuorateClient client = node.NewClient(20);
            long invoke = Stopwatch.GetTimestamp() - begin;
            RangeResult all = await client.RangeAsync(KeyRange.All, cancellationToken: TestRun.Token);
            reads.Add(new Operation
            {
                Client = 10_000_000 + reads.Count,
                Invoke = invoke,
                Return = Stopwatch.GetTimestamp() - begin,
                Then = [new Step(StepKind.Range, "\0", "\0")],
                Revision = all.Revision,
                Results = [HistoryClient.ResultOf(all)],
            });
        }

        return [.. reads];
    }
}
