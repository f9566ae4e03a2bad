namespace Quorate.Storage;

/// <summary>What the head of a segment file says.</summary>
/// <param name="Number">The number of this use of the file; never used twice.</param>
/// <param name="First">The position of the first record that may stand in it.</param>
/// <param name="Length">The length of the file in bytes.</param>
/// <param name="Checksum">The checksum of the head; the first batch chains to it.</param>
internal readonly record struct SegmentHeader(ulong Number, long First, long Length, uint Checksum);

/// <summary>What the header of a batch says.</summary>
/// <param name="Segment">The number of the segment it was written to.</param>
/// <param name="SegmentFirst">The first position of that segment.</param>
/// <param name="First">The position of its first record, or of the next record when it has none.</param>
/// <param name="Mark">The position that was known durable when it was written.</param>
/// <param name="Count">How many records follow.</param>
/// <param name="Length">Bytes from its first to the first of the next header.</param>
/// <param name="CaptionLength">Bytes of the caption; −1 when it has none.</param>
/// <param name="CaptionChecksum">The checksum of the caption.</param>
/// <param name="Chain">The checksum of what was written before it.</param>
/// <param name="Checksum">Its own checksum; its first record chains to it.</param>
internal readonly record struct BatchHeader(
    ulong Segment,
    long SegmentFirst,
    long First,
    long Mark,
    int Count,
    int Length,
    int CaptionLength,
    uint CaptionChecksum,
    uint Chain,
    uint Checksum)
{
    /// <summary>The position of the last record as of the end of this batch.</summary>
    public long Last => First + Count - 1;

    /// <summary>Where its first record begins, counted from the header.</summary>
    public int RecordsStart => LogFormat.BatchHeaderBytes + Math.Max(CaptionLength, 0);
}

/// <summary>What became of a record.</summary>
internal enum RecordState
{
    /// <summary>It is what was written.</summary>
    Valid = 1,

    /// <summary>It is not what was written, but its length may be right.</summary>
    Damaged,

    /// <summary>Its length is nonsense: what follows it in the batch cannot be found.</summary>
    Lost,
}

/// <summary>A place in a segment from which it can be read.</summary>
/// <param name="Position">The position of the next record.</param>
/// <param name="Offset">Where a record begins, or a header when <paramref name="RecordsLeft"/> is zero.</param>
/// <param name="Chain">The checksum the record chains to; nothing for a header.</param>
/// <param name="RecordsLeft">How many records of the batch begin here or later.</param>
internal readonly record struct Place(long Position, long Offset, uint Chain, int RecordsLeft);
