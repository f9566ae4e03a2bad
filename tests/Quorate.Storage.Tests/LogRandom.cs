namespace Quorate.Storage.Tests;

/// <summary>A small seeded generator (SplitMix64), as this room may not reach for Consensus' own.</summary>
internal sealed class LogRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    public int Below(int bound) => (int)(((UInt128)Next() * (ulong)bound) >> 64);

    public bool Chance(int perMille) => Below(1000) < perMille;

    public byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)Next();
        }

        return bytes;
    }
}
