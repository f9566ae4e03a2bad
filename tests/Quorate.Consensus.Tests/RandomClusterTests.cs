namespace Quorate.Consensus.Tests;

/// <summary>Many seeds through <see cref="RandomWalk"/>. RAFT_SEEDS=n runs n seeds of each shape, from RAFT_FIRST_SEED on.</summary>
public sealed class RandomClusterTests
{
    private const int Steps = 5000;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(5, 0)]
    public void A_cluster_keeps_every_rule_through_faults_and_comes_to_rest_after_them(int voters, int learners)
    {
        int seeds = int.Parse(Environment.GetEnvironmentVariable("RAFT_SEEDS") ?? "60");
        int leaderships = 0;
        ulong decided = 0;
        int barriers = 0;
        ulong first = ulong.Parse(Environment.GetEnvironmentVariable("RAFT_FIRST_SEED") ?? "1");
        for (ulong seed = first; seed < first + (ulong)seeds; seed++)
        {
            RandomWalk walk = Walk(seed, voters, learners, RaftPlants.None);
            leaderships += walk.Cluster.Oracle.Leaderships;
            decided += walk.Cluster.Oracle.Decided;
            barriers += walk.Cluster.Oracle.BarriersPassed;
        }

        // A walk in which nothing happens finds nothing.
        TestContext.Current.TestOutputHelper?.WriteLine($"{leaderships} leaderships, {decided} decided, {barriers} barriers");
        Assert.True(leaderships >= seeds * 2);
        Assert.True(decided >= (ulong)seeds * 20);
        Assert.True(barriers >= seeds * 5);
    }

    private static RandomWalk Walk(ulong seed, int voters, int learners, RaftPlants plants)
    {
        RandomWalk walk = new(seed, voters, learners, plants);
        try
        {
            walk.Run(Steps);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {seed}, {voters} voters, {learners} learners: {failure.Message}", failure);
        }

        return walk;
    }
}
