namespace Quorate.State.Tests;

/// <summary>SplitMix64, so that a seed names a run for ever.</summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    public int Below(int bound)
    {
        _state += 0x9E3779B97F4A7C15UL;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return (int)((z ^ (z >> 31)) % (ulong)bound);
    }

    public bool OneIn(int n) => Below(n) == 0;

    public T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
