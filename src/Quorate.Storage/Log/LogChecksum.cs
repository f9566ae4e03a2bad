using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Quorate.Storage;

/// <summary>CRC32C (Castagnoli) without the usual inversions, taken over 8-byte words: the processor does one in three cycles.</summary>
internal static class LogChecksum
{
    /// <summary>The seed of a checksum that continues no chain.</summary>
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

    /// <summary>Continues <paramref name="checksum"/> over one number.</summary>
    public static uint Of(uint checksum, ulong word) => BitOperations.Crc32C(checksum, word);
}
