namespace Quorate.Consensus.Tests;

/// <summary>The random walk must find every planted bug: a net that never caught anything proves nothing.</summary>
public sealed class PlantTests
{
    private const ulong Seeds = 3000;

    /// <summary>These need a disk that loses what was flushed, or a peer of a higher round that is pulled from: the simulator has both.</summary>
    private const RaftPlants OutOfReach =
        RaftPlants.AckBehindHole | RaftPlants.LeadsWithHole | RaftPlants.VoteForgetsHole | RaftPlants.PullUnpromised;

    private static IEnumerable<(string Name, RaftPlants Plant)> Reachable => RaftPlantNames.All.Where(plant => (plant.Plant & OutOfReach) == 0);

    public static TheoryData<string> Plants => [.. Reachable.Select(plant => plant.Name)];

    [Theory]
    [MemberData(nameof(Plants))]
    public void A_planted_bug_is_found(string name) => Hunt(name, consequencesOnly: false);

    /// <summary>
    /// Figure 8 needs such a chain of accidents that chance alone takes thousands of seeds to its consequences; a script
    /// plays it instead.
    /// </summary>
    public static TheoryData<string> QuickPlants =>
        [.. Reachable.Where(plant => plant.Plant != RaftPlants.OldTermCommit).Select(plant => plant.Name)];

    [Theory]
    [MemberData(nameof(QuickPlants))]
    public void A_planted_bug_is_found_by_what_clients_could_notice(string name) => Hunt(name, consequencesOnly: true);

    private static void Hunt(string name, bool consequencesOnly)
    {
        Assert.True(RaftPlantNames.TryParse(name, out RaftPlants plant));
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            if (Break(seed, plant, consequencesOnly) is { } rule)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{name}: found by seed {seed}: {rule}");
                return;
            }
        }

        Assert.Fail($"{name} was not found in {Seeds} seeds");
    }

    [Fact]
    public void Every_planted_bug_has_a_name()
    {
        RaftPlants named = RaftPlantNames.All.Aggregate(RaftPlants.None, (all, plant) => all | plant.Plant);
        Assert.Equal(Enum.GetValues<RaftPlants>().Aggregate((left, right) => left | right), named);
        Assert.False(RaftPlantNames.TryParse("no-such-bug", out _));
    }

    // The rule that the plant broke in this walk, or nothing.
    private static string? Break(ulong seed, RaftPlants plant, bool consequencesOnly)
    {
        try
        {
            RandomWalk walk = new(seed, voters: seed % 3 == 0 ? 5 : 3, learners: 0, plant);
            walk.Cluster.Oracle.ConsequencesOnly = consequencesOnly;
            walk.Run(5000);
            return null;
        }
        catch (OracleException broken)
        {
            return broken.Rule;
        }
        catch (InvariantException)
        {
            return "invariant";
        }
    }
}
