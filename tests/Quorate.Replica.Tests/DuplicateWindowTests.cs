using Quorate.Consensus;

namespace Quorate.Replica.Tests;

public sealed class DuplicateWindowTests
{
    private const ulong Width = DuplicateWindow.Bits;

    [Fact]
    public void A_counter_is_taken_once_in_whatever_order_they_come()
    {
        DuplicateWindow window = new();
        foreach (ulong counter in (ulong[])[5, 3, 4, 0, 9, 1, 2, 64, 63, 128])
        {
            Assert.True(window.TryTake(counter), $"{counter} the first time");
            Assert.False(window.TryTake(counter), $"{counter} the second time");
        }
    }

    [Fact]
    public void A_counter_that_fell_out_of_the_window_counts_as_taken()
    {
        DuplicateWindow window = new();
        Assert.True(window.TryTake(Width + 10));
        Assert.False(window.TryTake(10));
        Assert.True(window.TryTake(11));
        Assert.True(window.TryTake(Width + 9));
    }

    [Fact]
    public void What_an_old_turn_of_the_window_took_does_not_count_in_a_new_one()
    {
        DuplicateWindow window = new();
        for (ulong counter = 1; counter <= 100; counter++)
        {
            Assert.True(window.TryTake(counter));
        }

        Assert.True(window.TryTake(Width + 100));
        for (ulong counter = Width + 1; counter < Width + 100; counter++)
        {
            Assert.True(window.TryTake(counter), $"{counter}");
        }
    }

    [Fact]
    public void A_counter_that_is_released_is_taken_once_more_and_its_neighbours_are_not()
    {
        DuplicateWindow window = new();
        window.Release(5);
        Assert.True(window.TryTake(5));
        Assert.True(window.TryTake(6));
        window.Release(5);
        Assert.False(window.TryTake(6));
        Assert.True(window.TryTake(5));
        Assert.False(window.TryTake(5));
    }

    [Fact]
    public void What_fell_out_of_the_window_or_never_came_cannot_be_released()
    {
        DuplicateWindow window = new();
        Assert.True(window.TryTake(10));
        Assert.True(window.TryTake(Width + 10));
        window.Release(10);
        Assert.False(window.TryTake(10));
        Assert.False(window.TryTake(Width + 10));
        window.Release(Width + 11);
        Assert.True(window.TryTake(Width + 11));
        Assert.False(window.TryTake(Width + 11));
    }

    [Fact]
    public void The_furthest_jump_there_is_ends()
    {
        DuplicateWindow window = new();
        Assert.True(window.TryTake(7));
        Assert.True(window.TryTake(ulong.MaxValue));
        Assert.False(window.TryTake(ulong.MaxValue));
        Assert.False(window.TryTake(7));
        Assert.True(window.TryTake(ulong.MaxValue - 1));
    }

    [Fact]
    public void It_answers_as_a_set_does()
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            SeededGenerator generator = new(seed);
            DuplicateWindow window = new();
            SortedSet<ulong> taken = [];
            ulong highest = 0;
            for (int step = 0; step < 3000; step++)
            {
                ulong ahead = generator.Chance(5) ? generator.Below(3 * Width) : generator.Below(100);
                ulong back = generator.Chance(100) ? generator.Below(2 * Width) : generator.Below(100);
                ulong counter = highest + ahead > back ? highest + ahead - back : 0;
                bool inside = counter > highest || highest - counter < Width;
                Assert.Equal(inside && taken.Add(counter), window.TryTake(counter));
                highest = Math.Max(highest, counter);
            }
        }
    }
}
