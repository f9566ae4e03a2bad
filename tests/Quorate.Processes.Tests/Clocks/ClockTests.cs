using System.Diagnostics;
using System.Globalization;
using Quorate.Client;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Clocks;

/// <summary>Wall clocks that are a day off, and that are set while nodes run: they decide nothing (DESIGN §4).</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(5);

    /// <summary>Lease time is counted in milliseconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Leases_end_in_their_time_and_reads_are_fresh_with_clocks_a_day_off_that_are_set_while_leaders_die()
    {
        using ShiftedClock ahead = await ShiftedClock.CreateAsync(Day);
        using ShiftedClock behind = await ShiftedClock.CreateAsync(-Day);
        await using TestCluster cluster = TestCluster.Plan(3, null, TestCluster.Quick);
        cluster.Nodes[0].Environment = ahead.Environment;
        cluster.Nodes[1].Environment = behind.Environment;
        await cluster.StartAllAsync();
        AssertReads(cluster.Nodes[0], Day);
        AssertReads(cluster.Nodes[1], -Day);
        await using QuorateClient client = cluster.NewClient();

        // From a leader that is a day ahead, past the right time, to one that is a day behind.
        await cluster.LeadAsync(cluster.Nodes[0]);
        await using LeaseHandle held = await PatientClient.PatientlyAsync(() => client.HoldLeaseAsync(TimeToLive + TimeSpan.FromSeconds(2), TestRun.Token), "a lease is held");
        await client.PutPatientlyAsync("held", "v", held.Id);
        long heldAt = Stopwatch.GetTimestamp();
        Task<TimeSpan> first = LivesAsync(client, "first");
        await client.PutPatientlyAsync("k", "1");
        await AssertEverywhereAsync(cluster, "1");
        await cluster.LeadAsync(cluster.Nodes[2]);
        await cluster.LeadAsync(cluster.Nodes[1]);

        // And on, while the clock of the leader is set, to one whose clock was.
        Task<TimeSpan> second = LivesAsync(client, "second");
        behind.Set(Day);
        ahead.Set(-Day);
        await client.PutPatientlyAsync("k", "2");
        await AssertEverywhereAsync(cluster, "2");
        (_, ulong term) = await cluster.LeaderAsync();
        await cluster.Nodes[1].KillAsync();
        await cluster.LeaderAsync(termAbove: term);
        await cluster.LeadAsync(cluster.Nodes[0]);
        ahead.Set(Day);
        await cluster.Nodes[1].StartAsync();
        await client.PutPatientlyAsync("k", "3");
        await AssertEverywhereAsync(cluster, "3");

        Assert.InRange(await first, TimeToLive - Rounding, TimeSpan.MaxValue);
        Assert.InRange(await second, TimeToLive - Rounding, TimeSpan.MaxValue);
        await TestRun.UntilAsync(() => Stopwatch.GetElapsedTime(heldAt) > held.TimeToLive, 20, "the held lease would have ended");
        Assert.Equal("v", (await client.GetAsync("held", cancellationToken: TestRun.Token))?.ValueText);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    /// <summary>Proof that the node reads the clock it was given: what it logs bears that date.</summary>
    private static void AssertReads(TestNode node, TimeSpan ahead)
    {
        Assert.NotEqual("", node.Process.Output);
        Assert.All(node.Process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line =>
        {
            DateTime logged = DateTime.ParseExact(line[..23], "yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
            Assert.InRange(logged - DateTime.Now, ahead - TimeSpan.FromHours(1), ahead + TimeSpan.FromHours(1));
        });
    }

    /// <summary>Grants a lease with a key and waits until it has ended.</summary>
    /// <returns>No less than how long it lived.</returns>
    private static async Task<TimeSpan> LivesAsync(QuorateClient client, string key)
    {
        long begin = 0;
        LeaseInfo lease = await PatientClient.PatientlyAsync(
            () =>
            {
                begin = Stopwatch.GetTimestamp();
                return client.GrantLeaseAsync(TimeToLive, cancellationToken: TestRun.Token);
            },
            "a lease is granted");
        await client.PutPatientlyAsync(key, "v", lease.Id);
        await TestRun.UntilAsync(async () => await client.GetAsync(key, cancellationToken: TestRun.Token) is null, 60, () => $"the lease of '{key}' ends");
        return Stopwatch.GetElapsedTime(begin);
    }

    private static async Task AssertEverywhereAsync(TestCluster cluster, string expected)
    {
        foreach (TestNode node in cluster.Nodes)
        {
            await node.ReadyAsync();
            await using QuorateClient direct = node.NewClient();
            Assert.Equal(expected, (await direct.GetAsync("k", cancellationToken: TestRun.Token))?.ValueText);
        }
    }
}
