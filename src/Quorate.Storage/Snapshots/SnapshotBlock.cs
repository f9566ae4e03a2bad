using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.Storage;

/// <summary>A block that is being filled; its layout stands at the head of <see cref="SnapshotWriter"/>.</summary>
internal sealed class SnapshotBlock
{
    private byte[] _bytes = new byte[SnapshotFormat.BlockBytes * 2];
    private int _length = SnapshotFormat.BlockHeaderBytes;
    private ReadOnlyMemory<byte> _lastKey;

    public int EntryCount { get; private set; }

    public bool IsFull => _length - SnapshotFormat.BlockHeaderBytes >= SnapshotFormat.BlockBytes;

    public void Add(ReadOnlyMemory<byte> key, ReadOnlySpan<byte> value)
    {
        int shared = Math.Min(_lastKey.Span.CommonPrefixLength(key.Span), SnapshotFormat.MaxSharedBytes);
        ReadOnlySpan<byte> rest = key.Span[shared..];
        MakeRoom(1 + (2 * Varint.MaxSize) + (long)rest.Length + value.Length);
        _bytes[_length++] = (byte)shared;
        _length += Varint.Write(_bytes.AsSpan(_length), (uint)rest.Length);
        _length += Varint.Write(_bytes.AsSpan(_length), (uint)value.Length);
        AddBytes(rest);
        AddBytes(value);
        _lastKey = key;
        EntryCount++;
    }

    /// <summary>Closes the block; the bytes are valid until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Seal(uint seed)
    {
        MakeRoom(SnapshotFormat.ChecksumBytes);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, _length - SnapshotFormat.BlockHeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(4), EntryCount);
        uint checksum = Crc32C.Of(seed, _bytes.AsSpan(0, _length));
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(_length), checksum);
        return _bytes.AsSpan(0, _length + SnapshotFormat.ChecksumBytes);
    }

    public void Clear()
    {
        _length = SnapshotFormat.BlockHeaderBytes;
        _lastKey = default;
        EntryCount = 0;
    }

    private void AddBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private void MakeRoom(long bytes)
    {
        long needed = _length + bytes;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, checked((int)Math.Min(Array.MaxLength, Math.Max(needed, _bytes.Length * 2L))));
        }
    }
}
