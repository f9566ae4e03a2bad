using System.Buffers.Binary;

namespace Quorate.Simulation;

/// <summary>A fast 64-bit hash for traces and chains: the same everywhere, no defence against anybody.</summary>
internal static class Mix
{
    public static ulong Of(ulong state, ulong value)
    {
        ulong mixed = (state ^ value) * 0x9E3779B97F4A7C15UL;
        mixed ^= mixed >> 32;
        mixed *= 0xD6E8FEB86659FD93UL;
        return mixed ^ (mixed >> 29);
    }

    public static ulong Of(ulong state, ReadOnlySpan<byte> bytes)
    {
        state = Of(state, (ulong)bytes.Length);
        while (bytes.Length >= 8)
        {
            state = Of(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        ulong rest = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            rest |= (ulong)bytes[i] << (8 * i);
        }

        return Of(state, rest);
    }
}
