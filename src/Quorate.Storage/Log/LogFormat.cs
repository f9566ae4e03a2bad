// THE FORMAT OF THE LOG, VERSION 1
//
// The log is a row of segment files "log-<number, 16 digits>.qlog". Numbers rise along the log and may leave gaps. Files
// called "spare-<number>.qlog" hold nothing: they wait to become segments. All numbers are little-endian; every checksum
// is CRC32C over 8-byte words, without the customary inversions, seeded as told below.
//
// A SEGMENT NUMBER IS AN EPOCH. Every use of a file, new or recycled, takes a number above all that any file name or any
// head of a file shows, and that number goes into every checksum. So what an earlier use left behind in a recycled file,
// though it was valid once, is never taken for new; and a record that was torn off the end of the log is never confused
// with the record that gets its position later, because the later one stands in a segment with a later number.
//
// A SEGMENT begins with a head of 64 bytes:
//     0   8  magic "quorlog\n"
//     8   4  version: 1
//    12   4  zero
//    16   8  segment number
//    24   8  first position: no record below it stands here, and every record below it was durable before this was written
//    32   8  length of the file
//    40  20  zeros
//    60   4  checksum of bytes 0 to 59, seeded with FFFFFFFF
// Batches follow without gaps, each a multiple of 8 bytes long. Behind the last one there may be anything: zeros, or what
// an earlier use left. There is no end mark: the next segment begins with the position that follows.
//
// A BATCH is written by one call and begins with a header of 64 bytes:
//     0   8  magic D6 51 75 6F 72 B4 9C E3
//     8   8  segment number
//    16   8  first position of the segment, as in its head, so that a lost head costs nothing
//    24   8  position of the first record of this batch, or of the next one to come when there is none
//    32   8  durable mark: every record up to this position was flushed before this header was written
//    40   4  number of records
//    44   4  length of the whole batch, padding included
//    48   4  length of the caption; FFFFFFFF when the batch has none, which recovery alone writes
//    52   4  checksum of the caption, seeded with FFFFFFFF
//    56   4  chain: checksum of what stands before this header: the last record's, or the header's of a batch
//            without records, or the head's for the first batch of a segment
//    60   4  checksum of bytes 0 to 59, seeded with FFFFFFFF continued over the offset of this header in its file
//            (8 bytes), so that a copy of a header inside someone's payload is not a header
// Then the caption, then the records, then zeros up to a multiple of 8.
//
// A RECORD is
//     0   4  length of the payload
//     4   4  checksum of position (8 bytes), segment number (8), length (8) and payload, seeded with the checksum of the
//            record before it, or of the header for the first one
//     8      the payload
//
// THE ORDER OF WRITING. A batch goes to a segment only after the segment's head was flushed, the file has its "log-" name
// and the directory was flushed; and the head is written only after everything in earlier segments was flushed. A record is
// durable when the flush that follows its batch has succeeded; the next header says so. When there is no next batch, a
// batch without records says it.
//
// READING IT BACK. Let M be the highest durable mark of all valid headers (a head with first position F counts as a mark
// F − 1). Where two segments hold a position, the later one counts. Walk the batches in order; where no valid header is
// found, search on at multiples of 8. Then:
//   - At or below M everything was flushed: a missing or wrong record is corruption, and all others are delivered.
//   - Above M nothing is proven. Batches count as long as each is whole and begins with the position that is due; the
//     first that is not ends the log, and what lies behind it is cut, in whatever pattern it was torn: it was flushed by
//     nobody who lived to tell. A batch counts whole or not at all, so the caption always speaks of the last record.
//   - Bytes that hold no record (a damaged header without records, padding) are passed over.
//   - A "log-" file without any valid head or header is corruption: its head was durable before it had its name.
// What was read back above M may still be in the kernel's memory only. Recovery copies it into a spare file with a fresh
// number, flushes, writes a header that marks it durable, flushes, and only then gives the file its "log-" name: a
// recovery that is interrupted has changed nothing that the next one counts. The directory is flushed before anything else,
// for the same reason. (On a full disk it writes the same bytes to the same place, fills all behind the last batch that
// counts with zeros, flushes, and goes on there: no batch of a torn end may ever pass for one that follows a new one.)
using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.Storage;

/// <summary>Reads and writes the fixed parts of the log's format, which is told above.</summary>
internal static class LogFormat
{
    public const int SegmentHeaderBytes = 64;
    public const int BatchHeaderBytes = 64;
    public const int RecordHeaderBytes = 8;
    public const int Alignment = 8;

    /// <summary>The longest batch: lengths stay far from the end of an <see langword="int"/>.</summary>
    public const int MaxBatchBytes = 1 << 30;

    /// <summary>The longest caption.</summary>
    public const int MaxCaptionBytes = 1 << 16;

    public const ulong BatchMagic = 0xE39C_B472_6F75_51D6;

    private const ulong SegmentMagic = 0x0A67_6F6C_726F_7571;
    private const uint Version = 1;
    private const int ChecksumAt = 60;

    /// <summary>Rounds up to where the next batch may begin.</summary>
    public static long Align(long length) => (length + Alignment - 1) & ~(long)(Alignment - 1);

    /// <summary>Writes the head of a segment and returns its checksum.</summary>
    public static uint WriteSegmentHeader(Span<byte> to, ulong number, long first, long length)
    {
        to[..SegmentHeaderBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(to, SegmentMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], number);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], first);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], length);
        uint checksum = Crc32C.Of(Crc32C.Seed, to[..ChecksumAt]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChecksumAt..], checksum);
        return checksum;
    }

    /// <summary>Reads the head of a segment, unless it is damaged.</summary>
    /// <exception cref="NotSupportedException">A later version of this program wrote it.</exception>
    public static bool TryReadSegmentHeader(ReadOnlySpan<byte> from, out SegmentHeader header)
    {
        header = default;
        if (from.Length < SegmentHeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(from) != SegmentMagic)
        {
            return false;
        }

        uint checksum = Crc32C.Of(Crc32C.Seed, from[..ChecksumAt]);
        if (checksum != BinaryPrimitives.ReadUInt32LittleEndian(from[ChecksumAt..]))
        {
            return false;
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        if (version != Version)
        {
            throw new NotSupportedException($"The log has format version {version}; this program reads version {Version}. Run the program that wrote it.");
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            checksum);
        return header.First >= 1;
    }

    /// <summary>Writes the header of the batch that begins at <paramref name="offset"/> and returns its checksum.</summary>
    public static uint WriteBatchHeader(Span<byte> to, in BatchHeader header, long offset)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, BatchMagic);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], header.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], header.SegmentFirst);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], header.First);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], header.Mark);
        BinaryPrimitives.WriteInt32LittleEndian(to[40..], header.Count);
        BinaryPrimitives.WriteInt32LittleEndian(to[44..], header.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to[48..], header.CaptionLength);
        BinaryPrimitives.WriteUInt32LittleEndian(to[52..], header.CaptionChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(to[56..], header.Chain);
        uint checksum = BatchChecksum(to, offset);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChecksumAt..], checksum);
        return checksum;
    }

    /// <summary>Reads the header at <paramref name="offset"/> of a segment of <paramref name="segmentLength"/> bytes, if one stands there.</summary>
    public static bool TryReadBatchHeader(ReadOnlySpan<byte> from, ulong segment, long offset, long segmentLength, out BatchHeader header)
    {
        header = default;
        if (from.Length < BatchHeaderBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(from) != BatchMagic
            || BinaryPrimitives.ReadUInt64LittleEndian(from[8..]) != segment)
        {
            return false;
        }

        uint checksum = BatchChecksum(from, offset);
        if (checksum != BinaryPrimitives.ReadUInt32LittleEndian(from[ChecksumAt..]))
        {
            return false;
        }

        header = new BatchHeader(
            segment,
            BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[44..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[48..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[52..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[56..]),
            checksum);
        return IsSane(header) && header.Length <= segmentLength - offset;
    }

    /// <summary>Whether the numbers of a header agree with each other: asked before it is written and after it is read.</summary>
    public static bool IsSane(in BatchHeader header) =>
        header.SegmentFirst >= 1
        && header.First >= header.SegmentFirst
        && header.Mark >= 0
        && header.Mark < header.First
        && header.Count >= 0
        && header.CaptionLength is >= -1 and <= MaxCaptionBytes
        && header.Length is >= BatchHeaderBytes and <= MaxBatchBytes
        && header.Length % Alignment == 0
        && header.RecordsStart + ((long)header.Count * RecordHeaderBytes) <= header.Length;

    /// <summary>The checksum of a record.</summary>
    public static uint RecordChecksum(uint chain, ulong segment, long position, ReadOnlySpan<byte> payload)
    {
        uint checksum = Crc32C.Of(chain, (ulong)position);
        checksum = Crc32C.Of(checksum, segment);
        checksum = Crc32C.Of(checksum, (ulong)payload.Length);
        return Crc32C.Of(checksum, payload);
    }

    /// <summary>Reads the record at the start of <paramref name="from"/>, which reaches to the end of what may belong to it.</summary>
    public static RecordState ReadRecord(
        ReadOnlySpan<byte> from,
        uint chain,
        ulong segment,
        long position,
        out ReadOnlySpan<byte> payload,
        out uint checksum)
    {
        payload = default;
        checksum = 0;
        if (from.Length < RecordHeaderBytes)
        {
            return RecordState.Lost;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(from);
        if (length > (uint)(from.Length - RecordHeaderBytes))
        {
            return RecordState.Lost;
        }

        payload = from.Slice(RecordHeaderBytes, (int)length);
        checksum = BinaryPrimitives.ReadUInt32LittleEndian(from[4..]);
        return RecordChecksum(chain, segment, position, payload) == checksum ? RecordState.Valid : RecordState.Damaged;
    }

    private static uint BatchChecksum(ReadOnlySpan<byte> header, long offset) =>
        Crc32C.Of(Crc32C.Of(Crc32C.Seed, (ulong)offset), header[..ChecksumAt]);
}
