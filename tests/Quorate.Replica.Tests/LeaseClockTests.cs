using Quorate.Consensus;

namespace Quorate.Replica.Tests;

public sealed class LeaseClockTests
{
    private static readonly TimeSpan MaxGap = TimeSpan.FromMilliseconds(500);

    [Fact]
    public void It_goes_on_from_the_highest_stamp_by_the_time_that_passes()
    {
        LeaseClock clock = new(MaxGap);
        clock.Lead(10_000, At(3));
        Assert.Equal(10_000, clock.NowMs);
        clock.Tick(At(103));
        Assert.Equal(10_100, clock.NowMs);
    }

    [Fact]
    public void Fractions_of_milliseconds_add_up()
    {
        LeaseClock clock = new(MaxGap);
        clock.Lead(0, new Instant(0));
        for (int i = 1; i <= 1000; i++)
        {
            clock.Tick(new Instant(i * 300));
        }

        Assert.Equal(300, clock.NowMs);
    }

    [Fact]
    public void A_gap_between_two_ticks_counts_for_at_most_the_bound()
    {
        LeaseClock clock = new(MaxGap);
        clock.Lead(1000, At(0));
        clock.Tick(At(60_000));
        Assert.Equal(1500, clock.NowMs);
        clock.Tick(At(60_100));
        Assert.Equal(1600, clock.NowMs);
    }

    [Fact]
    public void A_second_leadership_goes_on_from_the_stamp_of_the_log_and_not_from_what_the_clock_showed()
    {
        LeaseClock clock = new(MaxGap);
        clock.Lead(1000, At(0));
        clock.Tick(At(400));
        clock.Lead(1100, At(400));
        Assert.Equal(1100, clock.NowMs);
        clock.Tick(At(450));
        Assert.Equal(1150, clock.NowMs);
    }

    [Fact]
    public void Time_before_a_leadership_does_not_count_for_it()
    {
        LeaseClock clock = new(MaxGap);
        clock.Tick(At(5000));
        clock.Lead(42, At(5400));
        clock.Tick(At(5400));
        Assert.Equal(42, clock.NowMs);
    }

    private static Instant At(long ms) => new(ms * 1000);
}
