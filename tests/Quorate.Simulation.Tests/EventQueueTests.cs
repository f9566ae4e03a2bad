using Quorate.Consensus;

namespace Quorate.Simulation.Tests;

public sealed class EventQueueTests
{
    [Fact]
    public void Events_come_by_time_and_at_one_time_in_the_order_they_were_added()
    {
        var generator = new SeededGenerator(5);
        var queue = new EventQueue();
        var expected = new List<(long AtUs, int Order)>();
        var taken = new List<(long AtUs, int Order)>();
        for (int i = 0; i < 2_000; i++)
        {
            long atUs = (long)generator.Below(300);
            int order = i;
            expected.Add((atUs, order));
            queue.Add(atUs, () => taken.Add((atUs, order)));
        }

        expected.Sort();
        while (queue.Count > 0)
        {
            queue.Take(out _)();
        }

        Assert.Equal(expected, taken);
    }
}
