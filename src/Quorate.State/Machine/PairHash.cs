using System.Buffers.Binary;
using System.Numerics;

namespace Quorate.State;

/// <summary>
/// 128 bits for a pair of key and value, the same on every machine. Two lanes eat the bytes in words of eight; a lane folds
/// the two halves of a 64×64-bit product, with a multiplier of its own. Made to notice that replicas differ, not to
/// withstand somebody who looks for collisions.
/// </summary>
internal static class PairHash
{
    private const ulong FirstMultiplier = 0x9E3779B97F4A7C15;
    private const ulong SecondMultiplier = 0xD6E8FEB86659FD93;
    private const ulong FirstSeed = 0x243F6A8885A308D3;
    private const ulong SecondSeed = 0x13198A2E03707344;

    public static UInt128 Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // The lengths go first, so that no byte can move from the key to the value unnoticed.
        ulong first = Fold(FirstSeed ^ (ulong)key.Length, FirstMultiplier);
        ulong second = Fold(SecondSeed ^ (ulong)value.Length, SecondMultiplier);
        Mix(key, ref first, ref second);
        Mix(value, ref first, ref second);
        return new UInt128(Fold(first ^ BitOperations.RotateLeft(second, 32), SecondMultiplier), Fold(second ^ first, FirstMultiplier));
    }

    private static void Mix(ReadOnlySpan<byte> bytes, ref ulong first, ref ulong second)
    {
        ulong a = first;
        ulong b = second;
        while (bytes.Length >= sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            a = Fold(a ^ word, FirstMultiplier);
            b = Fold(b + word, SecondMultiplier);
            bytes = bytes[sizeof(ulong)..];
        }

        ulong rest = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            rest = (rest << 8) | bytes[i];
        }

        first = Fold(a ^ rest, FirstMultiplier);
        second = Fold(b + rest, SecondMultiplier);
    }

    /// <summary>The sum keeps a word whose product folds to zero from forgetting what came before it.</summary>
    private static ulong Fold(ulong word, ulong multiplier)
    {
        ulong high = Math.BigMul(word, multiplier, out ulong low);
        return (high ^ low) + word;
    }
}
