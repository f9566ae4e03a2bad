using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Quorate.Codec;

/// <summary>
/// CRC32C (Castagnoli) over spans, taken over 8-byte words: the processor does one in three cycles. The final inversion of the
/// usual checksum is left to who wants it: <c>~Of(Seed, bytes)</c> is the CRC32C of RFC 3720.
/// </summary>
public static class Crc32C
{
    /// <summary>What a checksum begins with that continues no other.</summary>
    public const uint Seed = 0xFFFF_FFFF;

    /// <summary>Continues <paramref name="checksum"/> over <paramref name="bytes"/>.</summary>
    public static uint Of(uint checksum, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            checksum = BitOperations.Crc32C(checksum, word);
        }

        ReadOnlySpan<byte> rest = bytes[(words.Length * sizeof(ulong))..];
        if (rest.Length >= sizeof(uint))
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt32LittleEndian(rest));
            rest = rest[sizeof(uint)..];
        }

        foreach (byte last in rest)
        {
            checksum = BitOperations.Crc32C(checksum, last);
        }

        return checksum;
    }

    /// <summary>Continues <paramref name="checksum"/> over the 8 bytes of a number, the lowest first.</summary>
    public static uint Of(uint checksum, ulong word) => BitOperations.Crc32C(checksum, word);
}
