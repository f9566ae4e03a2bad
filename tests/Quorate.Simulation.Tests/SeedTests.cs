namespace Quorate.Simulation.Tests;

/// <summary>Fresh worlds without a planted bug: no rule is broken, and enough happens in them for that to mean something.</summary>
public sealed class SeedTests
{
    private const int Wanted = 220;

    private static readonly string[] RareSituations =
    [
        "died in a call to the disk",
        "died while recovering",
        "disk rot that cost nothing",
        "disk work: LoadSnapshotWork",
        "hole filled by (index, ballot)",
        "hole mended",
        "hole up to the end",
        "hole with entries behind it",
        "leader elected",
        "lease ran out",
        "log cut at a conflict",
        "log read back for a laggard",
        "request refused (JumpedOver, may apply)",
        "request refused (NoLeader, surely not applied)",
        "request refused (Timeout, may apply)",
        "session forgotten",
        "snapshot installed",
        "unflushed batch lost in a crash",
        "unflushed batch survived a crash",
        "watch canceled by compaction",
        "watch caught up from history",
        "write answered twice under its session",
        "write moved to another session",
    ];

    [Fact]
    public void Clusters_of_three_and_five_break_no_rule()
    {
        var three = SimulationRunner.Run(new SimulationOptions { Seeds = Wanted, From = 1, Nodes = 3 });
        var five = SimulationRunner.Run(new SimulationOptions { Seeds = Wanted / 2, From = 1_000_000, Nodes = 5 });
        Assert.Empty(three.Violations.Concat(five.Violations).Select(found => found.Describe()));
        int counted = three.Counted + five.Counted;
        Assert.True(counted >= 200, $"Only {counted} seeds completed enough operations to count.");
        int faulted = three.Faulted + five.Faulted;
        Assert.True(faulted * 10 >= counted * 9, $"Only {faulted} of {counted} seeds had a crash or a partition.");
        foreach (string situation in RareSituations)
        {
            Assert.True(three.Seen.ContainsKey(situation) || five.Seen.ContainsKey(situation), $"'{situation}' was never seen.");
        }
    }

    [Fact]
    public void A_single_node_breaks_no_rule()
    {
        SimulationSummary summary = SimulationRunner.Run(new SimulationOptions { Seeds = 40, From = 2_000_000, Nodes = 1 });
        Assert.Empty(summary.Violations.Select(found => found.Describe()));
        Assert.True(summary.Counted >= 20, $"Only {summary.Counted} of {summary.Seeds} seeds count.");
    }
}
