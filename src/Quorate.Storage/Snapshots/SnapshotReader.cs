using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.Storage;

/// <summary>
/// Reads a snapshot file. Opening proves head and tail; <see cref="Load"/> and <see cref="Verify"/> prove every byte before
/// they return. Bad bytes throw <see cref="CorruptionException"/> and nothing else, whatever they are, and never make it
/// allocate more than they could hold.
/// </summary>
public sealed class SnapshotReader : IDisposable
{
    private readonly IDiskFile _file;
    private readonly string _name;
    private readonly long _blocksOffset;
    private readonly long _blocks;
    private readonly uint _headChecksum;

    private SnapshotReader(IDiskFile file, string name)
    {
        _file = file;
        _name = name;
        Length = file.Length;
        byte[] head = ReadHead(out _headChecksum);
        Index = BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(16));
        Caption = head.AsMemory(SnapshotFormat.HeadFixedBytes);
        _blocksOffset = head.Length + SnapshotFormat.ChecksumBytes;

        Span<byte> tail = stackalloc byte[SnapshotFormat.TailBytes];
        ReadExactly(Length - SnapshotFormat.TailBytes, tail);
        CheckTail(tail);
        _blocks = BinaryPrimitives.ReadInt64LittleEndian(tail);
        Count = BinaryPrimitives.ReadInt64LittleEndian(tail[8..]);
        LogicalBytes = BinaryPrimitives.ReadInt64LittleEndian(tail[16..]);
    }

    /// <summary>The index it was taken at.</summary>
    public ulong Index { get; }

    /// <summary>What the replica wrote beside the map.</summary>
    public ReadOnlyMemory<byte> Caption { get; }

    /// <summary>How many entries it says it holds.</summary>
    public long Count { get; }

    /// <summary>How long keys and values together are, by its own word.</summary>
    public long LogicalBytes { get; }

    /// <summary>The length of the file, in bytes.</summary>
    public long Length { get; }

    private long BlocksEnd => Length - SnapshotFormat.TailBytes;

    /// <summary>Opens a finished snapshot and proves its head and tail.</summary>
    /// <exception cref="CorruptionException">It is not what was written.</exception>
    public static SnapshotReader Open(IDisk disk, string name)
    {
        ArgumentNullException.ThrowIfNull(disk);
        IDiskFile file = disk.Open(name);
        try
        {
            return new SnapshotReader(file, name);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the whole file into a new map.</summary>
    /// <exception cref="CorruptionException">It is not what was written.</exception>
    public OrderedMap Load()
    {
        OrderedMapBuilder builder = new();
        ReadBlocks(builder);
        return builder.Build();
    }

    /// <summary>Reads the whole file and proves it, keeping nothing.</summary>
    /// <exception cref="CorruptionException">It is not what was written.</exception>
    public void Verify() => ReadBlocks(into: null);

    /// <summary>Reads bytes of the file as they are, to send them to a peer, who proves them.</summary>
    /// <returns>Bytes read; fewer than asked only at the end of the file.</returns>
    public int ReadRaw(long offset, Span<byte> buffer) => _file.Read(offset, buffer);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadBlocks(OrderedMapBuilder? into)
    {
        SnapshotBlockReader block = new(into);
        byte[] bytes = new byte[(int)Math.Min(Length, SnapshotFormat.BlockBytes * 2)];
        long offset = _blocksOffset;
        for (long number = 0; number < _blocks; number++)
        {
            int length = ReadBlock(offset, number, ref bytes);
            if (!block.TryRead(bytes.AsSpan(0, length)))
            {
                throw Corrupt($"the entries of block {number} at byte {offset} make no sense");
            }

            offset += length + SnapshotFormat.ChecksumBytes;
        }

        if (offset != BlocksEnd || block.Count != Count || block.LogicalBytes != LogicalBytes)
        {
            throw Corrupt("the blocks are not those that the tail counted");
        }
    }

    /// <summary>Reads one block and proves its checksum.</summary>
    /// <returns>Its length without the checksum.</returns>
    private int ReadBlock(long offset, long number, ref byte[] bytes)
    {
        const int Around = SnapshotFormat.BlockHeaderBytes + SnapshotFormat.ChecksumBytes;
        if (BlocksEnd - offset < Around)
        {
            throw Corrupt($"block {number} is missing at byte {offset}");
        }

        Span<byte> header = stackalloc byte[SnapshotFormat.BlockHeaderBytes];
        ReadExactly(offset, header);
        uint entriesLength = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (entriesLength > BlocksEnd - offset - Around || entriesLength > Array.MaxLength - Around)
        {
            throw Corrupt($"block {number} at byte {offset} does not fit into the file");
        }

        int length = SnapshotFormat.BlockHeaderBytes + (int)entriesLength;
        if (bytes.Length < length + SnapshotFormat.ChecksumBytes)
        {
            bytes = new byte[length + SnapshotFormat.ChecksumBytes];
        }

        ReadExactly(offset, bytes.AsSpan(0, length + SnapshotFormat.ChecksumBytes));
        uint checksum = Crc32C.Of(SnapshotFormat.BlockSeed(_headChecksum, number), bytes.AsSpan(0, length));
        if (checksum != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(length)))
        {
            throw Corrupt($"block {number} at byte {offset} fails its checksum");
        }

        return length;
    }

    private byte[] ReadHead(out uint checksum)
    {
        const int Least = SnapshotFormat.HeadFixedBytes + SnapshotFormat.ChecksumBytes + SnapshotFormat.TailBytes;
        if (Length < Least)
        {
            throw Corrupt($"its {Length} bytes are too few for a snapshot");
        }

        byte[] start = new byte[SnapshotFormat.HeadFixedBytes];
        ReadExactly(0, start);
        if (!start.AsSpan(0, SnapshotFormat.HeadMagic.Length).SequenceEqual(SnapshotFormat.HeadMagic))
        {
            throw Corrupt("it does not begin as a snapshot does");
        }

        uint captionLength = BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(12));
        if (captionLength > SnapshotFormat.MaxCaptionBytes || captionLength > Length - Least)
        {
            throw Corrupt("its caption does not fit into it");
        }

        byte[] head = new byte[SnapshotFormat.HeadFixedBytes + (int)captionLength];
        ReadExactly(0, head);
        Span<byte> stored = stackalloc byte[SnapshotFormat.ChecksumBytes];
        ReadExactly(head.Length, stored);
        checksum = Crc32C.Of(Crc32C.Seed, head);
        if (checksum != BinaryPrimitives.ReadUInt32LittleEndian(stored))
        {
            throw Corrupt("its head fails its checksum");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8));
        return version == SnapshotFormat.Version
            ? head
            : throw Corrupt($"it has version {version} of the format, and this program reads version {SnapshotFormat.Version}");
    }

    private void CheckTail(ReadOnlySpan<byte> tail)
    {
        ReadOnlySpan<byte> checkedBytes = tail[..SnapshotFormat.TailChecksumOffset];
        long blocks = BinaryPrimitives.ReadInt64LittleEndian(tail);
        uint checksum = Crc32C.Of(SnapshotFormat.BlockSeed(_headChecksum, blocks), checkedBytes);
        bool isWhole = tail.EndsWith(SnapshotFormat.TailMagic)
            && checksum == BinaryPrimitives.ReadUInt32LittleEndian(tail[SnapshotFormat.TailChecksumOffset..])
            && BinaryPrimitives.ReadInt64LittleEndian(tail[24..]) == Length
            && BlocksEnd >= _blocksOffset;
        if (!isWhole)
        {
            throw Corrupt("its tail is damaged or missing");
        }
    }

    private void ReadExactly(long offset, Span<byte> buffer)
    {
        if (_file.Read(offset, buffer) != buffer.Length)
        {
            throw Corrupt($"it ends before byte {offset + buffer.Length}");
        }
    }

    private CorruptionException Corrupt(string reason) => new($"The snapshot {_name} is damaged: {reason}.");
}
