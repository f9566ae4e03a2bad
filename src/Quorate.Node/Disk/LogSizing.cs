using System.Numerics;

namespace Quorate.Node;

/// <summary>
/// How large the pieces of the log are when nobody says: as large as is good for speed, but small beside the file system, so that a node on a
/// disk of a few dozen megabytes runs too and trims its log before the disk is full.
/// </summary>
internal static class LogSizing
{
    private const long UsualBytes = 64L << 20;
    private const long LeastBytes = 1L << 20;
    private const long SegmentsPerDisk = 16;
    private const long LogsPerDisk = 8;

    /// <summary>Replaces what was left open.</summary>
    /// <param name="options">Sizes of 0 are open.</param>
    /// <param name="diskBytes">Size of the whole file system.</param>
    public static QuorateOptions Resolve(QuorateOptions options, long diskBytes) => options with
    {
        SegmentBytes = options.SegmentBytes > 0 ? options.SegmentBytes : Share(diskBytes / SegmentsPerDisk),
        SnapshotAfterLogBytes = options.SnapshotAfterLogBytes > 0 ? options.SnapshotAfterLogBytes : Share(diskBytes / LogsPerDisk),
    };

    private static long Share(long bytes) => 1L << BitOperations.Log2((ulong)Math.Clamp(bytes, LeastBytes, UsualBytes));
}
