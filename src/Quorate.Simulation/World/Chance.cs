using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>Draws in the units of the simulator. Integers only, so that every machine draws the same.</summary>
internal static class Chance
{
    /// <summary>A number in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public static long Between(this SeededGenerator generator, long least, long most) =>
        least + (long)generator.Below((ulong)(most - least + 1));

    /// <summary>A number in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public static int Between(this SeededGenerator generator, int least, int most) => (int)generator.Between((long)least, most);

    /// <summary>One of these.</summary>
    public static T Pick<T>(this SeededGenerator generator, params ReadOnlySpan<T> choices) =>
        choices[(int)generator.Below((ulong)choices.Length)];

    /// <summary>A delay around a mean with a short tail: the sum of two uniform draws, and now and then eight times as much.</summary>
    public static long Delay(this SeededGenerator generator, long meanUs)
    {
        if (meanUs <= 0)
        {
            return 0;
        }

        long delayUs = generator.Between(0L, meanUs) + generator.Between(0L, meanUs);
        return generator.Chance(10) ? delayUs * 8 : delayUs;
    }
}
