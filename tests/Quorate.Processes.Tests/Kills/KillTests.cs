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
    private const double PatienceSeconds = 300;
    private const long SearchSteps = 40_000_000;

    [Fact]
    public async Task Killing_the_leader_ten_times_loses_nothing_and_every_answer_fits_one_order()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        long begin = Stopwatch.GetTimestamp();
        HistoryClient[] clients = [.. Enumerable.Range(0, ClientCount).Select(k => new HistoryClient(cluster.Nodes[k % 3], k, begin, (ulong)k + 1))];
        using var stop = new CancellationTokenSource();
        Task running = Task.WhenAll(clients.Select(client => client.RunAsync(stop.Token)));
        WatchRecorder[] watchers = Watchers(cluster);
        using var stopWatching = new CancellationTokenSource();
        Task watching = Task.WhenAll(watchers.Select(watcher => watcher.RunAsync(stopWatching.Token)));
        int changes;
        try
        {
            changes = await KillLeadersAsync(cluster, () => clients.Sum(client => client.Answered));
        }
        catch
        {
            await stopWatching.CancelAsync();
            throw;
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

        long last = final.Max(read => read.Revision);
        await TestRun.UntilAsync(() => watching.IsCompleted || watchers.Where(watcher => watcher.Recording.Complete).All(watcher => watcher.Seen >= last), 60, $"revision {last} is watched");
        await stopWatching.CancelAsync();
        await watching;
        AssertWatches([.. watchers.Select(watcher => watcher.Recording)], RevisionChecker.Check(history).Writes);
    }

    /// <summary>One at each node, which dies with it and begins again there, and some that go from node to node.</summary>
    private static WatchRecorder[] Watchers(TestCluster cluster)
    {
        TestNode[] all = [.. cluster.Nodes];
        var everything = new WatchRecording { Key = "\0", End = "\0", Start = 1, WithPrevious = true, Complete = true };
        return
        [
            .. all.Select(node => new WatchRecorder($"at {node.Name}", everything, node)),
            new WatchRecorder("everywhere", everything, all),
            new WatchRecorder("puts from now on", new WatchRecording { Key = "e", End = "f", NoDelete = true }, all),
        ];
    }

    /// <summary>The same checker must refuse what it was told as soon as one event in it is missing, comes twice or comes too early.</summary>
    private void AssertWatches(WatchRecording[] recordings, WriteHistory writes)
    {
        CheckResult found = WatchChecker.Check(recordings, writes);
        Assert.True(found.Verdict == Verdict.Ok, found.ToString());
        IReadOnlyList<WatchResponse> told = recordings[0].Responses;
        int middle = Enumerable.Range(told.Count / 2, told.Count / 2).First(at => told[at].Kind == WatchResponseKind.Events && told[at - 1].Kind == WatchResponseKind.Events);
        output.WriteLine($"{recordings.Sum(recording => recording.Responses.Sum(response => response.Events?.Count ?? 0))} events watched, "
            + $"{recordings.Sum(recording => recording.Responses.Count(response => response.Kind == WatchResponseKind.Progress))} times begun again");
        foreach (IEnumerable<WatchResponse> doctored in new[]
        {
            told.Where((_, at) => at != middle),
            told.Take(middle + 1).Concat(told.Skip(middle)),
            told.Take(middle - 1).Append(told[middle]).Append(told[middle - 1]).Concat(told.Skip(middle + 1)),
        })
        {
            Assert.Equal(Verdict.Violation, WatchChecker.Check([recordings[0] with { Responses = [.. doctored] }], writes).Verdict);
        }
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
            await TestRun.UntilAsync(() => countAnswered() > before + (WantedOperations / WantedLeaderChanges / 2), 60, "operations go on under the new leader");
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
