namespace Quorate.Storage;

/// <summary>
/// The one log of records of a node. Records are opaque bytes with consecutive positions; a batch of them is written with a
/// header that carries an opaque caption (who this node is, its ballots, how far it knows the log decided), so that old
/// segments can be recycled without losing anything but old records. Not thread-safe: one log thread owns it.
/// </summary>
public interface IRecordLog : IDisposable
{
    /// <summary>Position of the last record handed to <see cref="Write"/>; 0 if there never was one.</summary>
    long LastPosition { get; }

    /// <summary>Every record up to here is on disk and flushed.</summary>
    long DurablePosition { get; }

    /// <summary>Oldest position that can still be read; <see cref="LastPosition"/> + 1 when there is none.</summary>
    long FirstPosition { get; }

    /// <summary>Bytes its segments take on disk.</summary>
    long DiskBytes { get; }

    /// <summary>Whether no segment is allocated ahead: the driver calls <see cref="AllocateSpare"/> when it has a moment.</summary>
    bool NeedsSpare { get; }

    /// <summary>Whether all records are durable but no header says so yet: an idle driver writes a batch without records and flushes it.</summary>
    bool NeedsMark { get; }

    /// <summary>Allocates the next segment ahead of need; does nothing unless <see cref="NeedsSpare"/>.</summary>
    /// <exception cref="DiskFullException">There is no space; the log is as before, and this may be tried again.</exception>
    void AllocateSpare();

    /// <summary>
    /// Writes one batch: a header with <paramref name="caption"/>, then the records, whose positions follow
    /// <see cref="LastPosition"/>. Not durable before <see cref="Flush"/>. A batch without records is a header alone.
    /// </summary>
    /// <param name="caption">What the node must find again when it starts, as of the end of this batch.</param>
    /// <param name="records">The records, in order.</param>
    /// <exception cref="DiskFullException">No segment could be allocated. Nothing of this batch counts; the log is as before and may be tried again.</exception>
    void Write(ReadOnlyMemory<byte> caption, IReadOnlyList<ReadOnlyMemory<byte>> records);

    /// <summary>Makes everything written durable. <see cref="DurablePosition"/> moves.</summary>
    /// <exception cref="DiskFailedException">The disk failed: the node must stop.</exception>
    void Flush();

    /// <summary>Allows the segments that hold only positions below <paramref name="position"/> to be recycled.</summary>
    void TrimBefore(long position);

    /// <summary>Reads records back from <paramref name="position"/> on until <paramref name="maxBytes"/> are exceeded, at least one.</summary>
    /// <exception cref="CorruptionException">What is on disk is not what was written.</exception>
    void Read(long position, int maxBytes, List<ReadOnlyMemory<byte>> into);
}

/// <summary>What recovery of a log found.</summary>
/// <param name="Log">The log, ready to be written: everything that was read back is durable again in a fresh segment where need be (DESIGN §3, rule 5).</param>
/// <param name="Caption">The caption of the newest valid header whose records all count; empty for a new log.</param>
/// <param name="CaptionPosition">
/// The position of the last record as of which the caption speaks. It is the log's last position unless later headers are corrupt; a caption
/// from before a corrupt stretch knows nothing of what was lost in it.
/// </param>
/// <param name="Damage">The lowest corrupt stretch of positions at or below the durable mark, or <see langword="null"/>; a torn end is cut without being damage.</param>
/// <param name="TornBytes">Bytes of a torn end that were cut.</param>
public sealed record RecoveredLog(RecordLog Log, ReadOnlyMemory<byte> Caption, long CaptionPosition, LogDamage? Damage, long TornBytes);

/// <summary>A stretch of the log that is corrupt: its records from <paramref name="First"/> to <paramref name="Last"/> cannot be read.</summary>
/// <param name="First">First unreadable position.</param>
/// <param name="Last">Last position known to be affected.</param>
/// <param name="Reason">What was wrong where, for the operator.</param>
public sealed record LogDamage(long First, long Last, string Reason);

/// <summary>Takes the records that recovery reads back, in order of position.</summary>
public interface IRecoveryVisitor
{
    /// <summary>One record; <paramref name="record"/> is valid only during the call.</summary>
    void OnRecord(long position, ReadOnlySpan<byte> record);

    /// <summary>In place of its records: a stretch at or below the durable mark that is corrupt. One hole may be told in several stretches.</summary>
    void OnLost(LogDamage stretch);

    /// <summary>Everything was read, and nothing is written yet: an exception thrown from here leaves the disk as it is.</summary>
    /// <param name="caption">The caption of the newest valid header whose records all count; empty for a new log.</param>
    /// <param name="unspoken">The last records, when all headers that spoke of them are corrupt; <see langword="null"/> when the caption speaks of the last record.</param>
    void OnEnd(ReadOnlyMemory<byte> caption, LogDamage? unspoken);

    /// <summary>Recovery has read this many bytes of so many.</summary>
    void OnProgress(long bytesRead, long bytesTotal);
}
