using System.Diagnostics;

namespace Quorate.House.Tests;

public sealed class PurityTests
{
    public static TheoryData<string> PureRooms => new(House.PureRooms);

    [Theory]
    [MemberData(nameof(PureRooms))]
    public void A_pure_room_holds_nothing_that_a_seed_cannot_replay(string room)
    {
        string path = Path.Combine(AppContext.BaseDirectory, $"{room}.dll");
        Assert.Empty(PurityScanner.Scan(path));
    }

    [Theory]
    [InlineData("Floats", "floating point")]
    [InlineData("HiddenFloats", "floating point")]
    [InlineData("Waits", "an async method")]
    [InlineData("Locks", "uses System.Threading.Monitor")]
    [InlineData("WalksHashOrder", "enumerates System.Collections.Generic.Dictionary`2")]
    [InlineData("WalksHashOrderByLinq", "enumerates System.Collections.Generic.IEnumerable`1")]
    [InlineData("WalksHashSet", "enumerates System.Collections.Generic.HashSet`1")]
    [InlineData("ReadsTheClock", "uses System.Diagnostics.Stopwatch")]
    public void Each_breach_is_found(string breaker, string fault)
    {
        string prefix = $"{typeof(RuleBreakers).FullName}+{breaker}";
        IReadOnlyCollection<string> faults = PurityScanner.Scan(typeof(RuleBreakers).Assembly.Location, prefix);
        Assert.Contains(faults, found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Code_that_keeps_the_rules_passes() =>
        Assert.Empty(PurityScanner.Scan(typeof(RuleBreakers).Assembly.Location, $"{typeof(RuleBreakers).FullName}+KeepsTheRules"));

    /// <summary>One example for each rule; never run.</summary>
    private static class RuleBreakers
    {
        internal static class Floats
        {
            internal static long Half(long value) => (long)(value * 0.5);
        }

        internal static class HiddenFloats
        {
            internal static TimeSpan Twice(TimeSpan span) => 2 * span;
        }

        internal static class Waits
        {
            internal static async ValueTask Never() => await ValueTask.CompletedTask;
        }

        internal static class Locks
        {
            internal static void Hold(object gate)
            {
                lock (gate)
                {
                    gate.ToString();
                }
            }
        }

        internal static class WalksHashOrder
        {
            internal static int Sum(Dictionary<int, int> table)
            {
                int sum = 0;
                foreach ((int _, int value) in table)
                {
                    sum += value;
                }

                return sum;
            }
        }

        internal static class WalksHashOrderByLinq
        {
            internal static int Sum(IEnumerable<KeyValuePair<int, int>> table)
            {
                int sum = 0;
                foreach ((int _, int value) in table)
                {
                    sum += value;
                }

                return sum;
            }
        }

        internal static class WalksHashSet
        {
            internal static int Sum(HashSet<int> table)
            {
                int sum = 0;
                foreach (int value in table)
                {
                    sum += value;
                }

                return sum;
            }
        }

        internal static class ReadsTheClock
        {
            internal static long Now() => Stopwatch.GetTimestamp();
        }

        internal static class KeepsTheRules
        {
            internal static int Sum(SortedDictionary<int, int> table, Dictionary<int, int> lookup)
            {
                int sum = 0;
                foreach (int key in table.Keys)
                {
                    sum += lookup.GetValueOrDefault(key);
                }

                return sum;
            }
        }
    }
}
