using Quorate.Codec;

namespace Quorate.Storage;

/// <summary>The sizes and marks of a snapshot file; what they mean stands at the head of <see cref="SnapshotWriter"/>.</summary>
internal static class SnapshotFormat
{
    public const uint Version = 1;
    public const int MaxCaptionBytes = 1 << 20;

    public const int HeadFixedBytes = 24;
    public const int ChecksumBytes = 4;
    public const int BlockHeaderBytes = 8;
    public const int TailBytes = 44;
    public const int TailChecksumOffset = 32;

    /// <summary>A block is closed once its entries take this much.</summary>
    public const int BlockBytes = 64 << 10;

    /// <summary>Most bytes that a key may share with the one before: one byte says it, and it bounds how much bytes can unfold to.</summary>
    public const int MaxSharedBytes = 255;

    /// <summary>How much is written between two flushes, so that the last one does not hold up the log's for long.</summary>
    public const int FlushEveryBytes = 8 << 20;

    public static ReadOnlySpan<byte> HeadMagic => "QUORSNAP"u8;

    public static ReadOnlySpan<byte> TailMagic => "QSNAPEND"u8;

    /// <summary>What the checksum of a block begins with: nothing of another file or at another place passes for it.</summary>
    public static uint BlockSeed(uint headChecksum, long blockNumber) => Crc32C.Of(headChecksum, (ulong)blockNumber);
}
