namespace Quorate.Simulation.Tests;

/// <summary>Proof that it bites: each planted bug is found within a number of seeds.</summary>
public sealed class PlantTests(ITestOutputHelper output)
{
    /// <summary>
    /// Ten times the median number of seeds, from the share of 300 seeds that find the bug (2000 for the rarest); 40 for all
    /// others, whose median is one or two.
    /// </summary>
    private static readonly SortedDictionary<string, int> Bounds = new(StringComparer.Ordinal)
    {
        ["ack-behind-hole"] = 80,
        ["commit-beyond-match"] = 2300,
        ["compaction-drops-tombstone"] = 170,
        ["lease-expiry-unchecked"] = 230,
        ["pull-unpromised"] = 90,
        ["reuses-unwritten"] = 640,
        ["torn-tail"] = 80,
        ["trims-before-mended"] = 470,
        ["vote-forgets-hole"] = 160,
        ["watch-progress-early"] = 290,
        ["watch-revision-split"] = 90,
    };

    public static TheoryData<string> Names => [.. Simulation.PlantNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_bug_is_found(string plant)
    {
        int bound = Bounds.GetValueOrDefault(plant, 40);
        SimulationSummary summary = SimulationRunner.Run(new SimulationOptions { Seeds = bound, From = 1, Plant = plant });
        SimulationFinding found = Assert.Single(summary.Violations);
        output.WriteLine($"{plant}: found by seed {found.Result.Seed}, {found.Result.Violation!.Message.Split('\n')[0]}");
        output.WriteLine(found.Replay);
    }

    [Fact]
    public void There_are_enough_planted_bugs_and_no_two_of_one_name()
    {
        Assert.True(Simulation.PlantNames.Count >= 8);
        Assert.Equal(Simulation.PlantNames.Count, Simulation.PlantNames.Distinct().Count());
        Assert.Throws<ArgumentException>(() => new Simulation(1, "no-such-bug"));
    }

    [Fact]
    public void A_finding_tells_its_story_and_its_line_replays_it()
    {
        SimulationFinding found = Assert.Single(
            SimulationRunner.Run(new SimulationOptions { Seeds = 40, From = 7, Plant = "ack-before-flush", Nodes = 3 }).Violations);
        ulong seed = found.Result.Seed;
        Assert.Equal($"./quorate sim --seed {seed} --plant ack-before-flush --nodes 3", found.Replay);
        Assert.Contains(" -> n", found.Result.Violation!.Story, StringComparison.Ordinal);
        Assert.Contains(found.Replay, found.Describe(), StringComparison.Ordinal);
        SimulationFinding again = Assert.Single(
            SimulationRunner.Run(new SimulationOptions { Seed = seed, Plant = "ack-before-flush", Nodes = 3 }).Violations);
        Assert.Equal(found.Result.TraceHash, again.Result.TraceHash);
        Assert.Equal(found.Result.Violation, again.Result.Violation);
    }
}
