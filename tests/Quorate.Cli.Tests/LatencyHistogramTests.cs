using Quorate.Cli.Bench;

namespace Quorate.Cli.Tests;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void An_empty_one_has_nothing_to_say()
    {
        LatencyHistogram histogram = new();
        Assert.Equal((0L, 0L, 0.0, 0L), (histogram.Count, histogram.MaximumUs, histogram.MeanUs, histogram.PercentileUs(500_000)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(1_000_003)]
    [InlineData(4_294_967_295)]
    public void One_value_is_every_percentile(long value)
    {
        LatencyHistogram histogram = new();
        histogram.Record(value);
        Assert.All(new[] { 0, 1, 500_000, 999_000, 1_000_000 }, share => Assert.Equal(value, histogram.PercentileUs(share)));
    }

    [Fact]
    public void Percentiles_are_right_within_two_percent_of_the_sorted_values()
    {
        Random random = new(42);
        LatencyHistogram histogram = new();
        long[] values = [.. Enumerable.Range(0, 50_000).Select(_ => (long)Math.Exp(random.NextDouble() * 18))];
        foreach (long value in values)
        {
            histogram.Record(value);
        }

        Array.Sort(values);
        foreach (int share in new[] { 10_000, 500_000, 900_000, 990_000, 999_000, 1_000_000 })
        {
            long exact = values[Math.Max(0, (int)Math.Ceiling(values.Length * (share / 1_000_000.0)) - 1)];
            Assert.InRange(histogram.PercentileUs(share), exact, (exact * 1.02) + 1);
        }

        Assert.Equal(values[^1], histogram.MaximumUs);
        Assert.Equal(values.Average(), histogram.MeanUs, 3);
    }

    [Fact]
    public void Values_outside_of_the_range_count_at_its_ends()
    {
        LatencyHistogram histogram = new();
        histogram.Record(-5);
        histogram.Record(long.MaxValue);
        Assert.Equal((0L, uint.MaxValue), (histogram.PercentileUs(1), histogram.PercentileUs(1_000_000)));
        histogram.Clear();
        Assert.Equal(0, histogram.Count);
    }
}
