namespace Quorate.Consensus;

/// <summary>
/// A splittable pseudo-random generator (SplitMix64, Steele, Lea and Flood 2014): small, fast, the same everywhere.
/// Not for secrets.
/// </summary>
public sealed class SeededGenerator(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 uniform bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [0, <paramref name="bound"/>); the bias is below bound / 2⁶⁴.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is zero.</exception>
    public ulong Below(ulong bound)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bound);
        return (ulong)(((UInt128)Next() * bound) >> 64);
    }

    /// <summary>Whether an event of <paramref name="perMille"/> chances in a thousand happens.</summary>
    public bool Chance(int perMille) => Below(1000) < (ulong)perMille;

    /// <summary>A generator whose stream is independent of what this one draws next.</summary>
    public SeededGenerator Split() => new(Next());
}
