using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.Storage;

/// <summary>
/// Writes a version of the map to a file, in steps, so that whoever drives it sets the pace. The file is written aside,
/// flushed, renamed, and the directory flushed: under its final name it is whole.
/// </summary>
/// <remarks>
/// The file <c>snapshot-INDEX.qsnap</c> (INDEX in 20 digits), all numbers little endian, all checksums CRC32C:
/// <code>
/// head    8  "QUORSNAP"
///         4  version of the format, 1
///         4  length of the caption, at most 1 MiB
///         8  index, the same as in the name
///         n  caption: what the replica must know beside the map
///         4  checksum of everything above
///
/// block   4  length of the entries in bytes
///         4  number of entries, at least 1
///         n  entries in ascending order of key, across blocks too; each one:
///              1    how many bytes its key shares with the key before it in the block; 0 for the first
///              1-5  length of the rest of the key, 7 bits a byte, lowest first, the high bit set on all but the last byte
///              1-5  length of the value, likewise
///              n    rest of the key
///              n    value
///         4  checksum of everything above in the block, continued from the checksum of the head and the number of the
///            block (8 bytes, the first is 0): a block is right at one place in one file only
///
/// tail    8  number of blocks
///         8  number of entries
///         8  lengths of all keys and values together
///         8  length of the file
///         4  checksum of everything above in the tail, continued from the checksum of the head and the number of blocks
///         8  "QSNAPEND"
/// </code>
/// A block is closed when its entries reach 64 KiB. The tail follows the last block and ends the file.
/// </remarks>
public sealed class SnapshotWriter : IDisposable
{
    private readonly ulong _index;
    private readonly long _expectedEntries;
    private readonly MapCursor _cursor;
    private readonly SnapshotBlock _block = new();
    private readonly AsideFile _file;
    private readonly byte[] _head;
    private readonly uint _headChecksum;

    private bool _isMidStep;
    private bool _hasMore = true;
    private long _blocks;
    private long _entries;
    private long _logicalBytes;

    /// <summary>Creates the file aside.</summary>
    /// <param name="disk">Where it is written.</param>
    /// <param name="index">Names the file; what the replica had applied when the version was published.</param>
    /// <param name="caption">Opaque; at most 1 MiB.</param>
    /// <param name="version">What is written; held until the writer is done.</param>
    /// <exception cref="ArgumentOutOfRangeException">The caption is too long.</exception>
    public SnapshotWriter(IDisk disk, ulong index, ReadOnlyMemory<byte> caption, IMapVersion version)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(version);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(caption.Length, SnapshotFormat.MaxCaptionBytes, nameof(caption));
        _index = index;
        _expectedEntries = version.Count;
        _cursor = version.Seek([]);
        _head = Head(index, caption.Span, out _headChecksum);
        _file = new AsideFile(disk, SnapshotFiles.WritingNameOf(index));
    }

    /// <summary>Bytes written so far.</summary>
    public long BytesWritten => _file.Length;

    /// <summary>Whether the snapshot stands under its final name and is durable.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Writes on, by at least a block and not much more than <paramref name="maxBytes"/>. The last step flushes and renames.</summary>
    /// <param name="maxBytes">How much to write, in bytes.</param>
    /// <returns>Whether there is more to do.</returns>
    /// <exception cref="DiskFullException">There is no space; dispose of the writer, which deletes what it wrote.</exception>
    /// <exception cref="DiskFailedException">The disk failed: the node must stop.</exception>
    /// <exception cref="InvalidOperationException">A step failed before, or the snapshot is finished.</exception>
    public bool Step(int maxBytes)
    {
        if (_isMidStep || IsFinished)
        {
            throw new InvalidOperationException("A snapshot that failed or is finished cannot be written on.");
        }

        _isMidStep = true;
        long until = _file.Length + maxBytes;
        if (_file.Length == 0)
        {
            _file.Append(_head);
        }

        do
        {
            WriteBlock();
        }
        while (_hasMore && _file.Length < until);

        if (!_hasMore)
        {
            Finish();
        }

        _isMidStep = false;
        return !IsFinished;
    }

    /// <summary>Gives up unless finished, and deletes what was written.</summary>
    public void Dispose() => _file.Dispose();

    private static byte[] Head(ulong index, ReadOnlySpan<byte> caption, out uint checksum)
    {
        byte[] head = new byte[SnapshotFormat.HeadFixedBytes + caption.Length + SnapshotFormat.ChecksumBytes];
        SnapshotFormat.HeadMagic.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), SnapshotFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), caption.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(16), index);
        caption.CopyTo(head.AsSpan(SnapshotFormat.HeadFixedBytes));
        Span<byte> end = head.AsSpan(head.Length - SnapshotFormat.ChecksumBytes);
        checksum = Crc32C.Of(Crc32C.Seed, head.AsSpan(0, head.Length - SnapshotFormat.ChecksumBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(end, checksum);
        return head;
    }

    private void WriteBlock()
    {
        while (!_block.IsFull && (_hasMore = _cursor.MoveNext()))
        {
            _block.Add(_cursor.Key, _cursor.Value.Span);
            _logicalBytes += _cursor.Key.Length + _cursor.Value.Length;
        }

        if (_block.EntryCount > 0)
        {
            _file.Append(_block.Seal(SnapshotFormat.BlockSeed(_headChecksum, _blocks)));
            _entries += _block.EntryCount;
            _blocks++;
            _block.Clear();
        }
    }

    private void Finish()
    {
        if (_entries != _expectedEntries)
        {
            throw new InvalidOperationException($"The version has {_expectedEntries} entries, but {_entries} were found in it.");
        }

        Span<byte> tail = stackalloc byte[SnapshotFormat.TailBytes];
        BinaryPrimitives.WriteInt64LittleEndian(tail, _blocks);
        BinaryPrimitives.WriteInt64LittleEndian(tail[8..], _entries);
        BinaryPrimitives.WriteInt64LittleEndian(tail[16..], _logicalBytes);
        BinaryPrimitives.WriteInt64LittleEndian(tail[24..], _file.Length + SnapshotFormat.TailBytes);
        uint checksum = Crc32C.Of(
            SnapshotFormat.BlockSeed(_headChecksum, _blocks), tail[..SnapshotFormat.TailChecksumOffset]);
        BinaryPrimitives.WriteUInt32LittleEndian(tail[SnapshotFormat.TailChecksumOffset..], checksum);
        SnapshotFormat.TailMagic.CopyTo(tail[(SnapshotFormat.TailChecksumOffset + SnapshotFormat.ChecksumBytes)..]);
        _file.Append(tail);
        _file.Flush();
        _file.RenameTo(SnapshotFiles.NameOf(_index));
        IsFinished = true;
    }
}
