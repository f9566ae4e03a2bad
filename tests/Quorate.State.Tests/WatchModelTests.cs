namespace Quorate.State.Tests;

public sealed class WatchModelTests
{
    [Fact]
    public void Every_stream_is_told_the_truth_over_many_seeds()
    {
        int delivered = 0;
        int jobs = 0;
        int compacted = 0;
        int progressed = 0;
        for (int seed = 0; seed < 1500; seed++)
        {
            var model = new WatchModel(seed);
            try
            {
                model.Run(400);
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"seed {seed}: {problem.Message}", problem);
            }

            delivered += model.Delivered;
            jobs += model.JobsRun;
            compacted += model.Compacted;
            progressed += model.Progressed;
        }

        // The rare roads must really have been walked.
        Assert.True(delivered > 100_000 && jobs > 2_000 && compacted > 500 && progressed > 2_000, $"{delivered} {jobs} {compacted} {progressed}");
    }

    [Theory]
    [InlineData(nameof(WatchPlants.EventLost))]
    [InlineData(nameof(WatchPlants.SplitRevision))]
    [InlineData(nameof(WatchPlants.DuplicateDelivery))]
    [InlineData(nameof(WatchPlants.ProgressTooEarly))]
    [InlineData(nameof(WatchPlants.FutureStartEarly))]
    public void A_planted_bug_is_found(string plant)
    {
        int seed = 0;
        while (seed < 100 && !IsFound(seed, Enum.Parse<WatchPlants>(plant)))
        {
            seed++;
        }

        Assert.True(seed < 100, "not found in 100 seeds");
        TestContext.Current.TestOutputHelper?.WriteLine($"{plant}: seed {seed}");
    }

    private static bool IsFound(int seed, WatchPlants plant)
    {
        try
        {
            new WatchModel(seed, plant).Run(400);
            return false;
        }
        catch (WatchViolationException)
        {
            return true;
        }
    }
}
