using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.Storage;

/// <summary>Takes blocks whose checksums hold apart, one after another, and sees to it that keys ascend across all of them.</summary>
internal sealed class SnapshotBlockReader(OrderedMapBuilder? into)
{
    private byte[] _key = new byte[SnapshotFormat.MaxSharedBytes + 1];
    private int _keyLength = -1;

    public long Count { get; private set; }

    public long LogicalBytes { get; private set; }

    /// <summary>Reads a block without its checksum.</summary>
    /// <returns>Whether it makes sense.</returns>
    public bool TryRead(ReadOnlySpan<byte> block)
    {
        uint entries = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        ByteReader reader = new(block[SnapshotFormat.BlockHeaderBytes..]);
        for (uint i = 0; i < entries; i++)
        {
            if (!TryReadEntry(ref reader, isFirst: i == 0))
            {
                return false;
            }
        }

        return entries > 0 && reader.IsComplete;
    }

    private bool TryReadEntry(ref ByteReader reader, bool isFirst)
    {
        int shared = reader.Byte();
        uint suffixLength = reader.Varint32();
        uint valueLength = reader.Varint32();
        ReadOnlySpan<byte> suffix = reader.Raw(suffixLength);
        ReadOnlySpan<byte> value = reader.Raw(valueLength);
        if (reader.Failed || shared > (isFirst ? 0 : _keyLength))
        {
            return false;
        }

        // What two keys share is equal, so what is left of them decides; the very first key has none before it.
        if (_keyLength >= 0 && suffix.SequenceCompareTo(_key.AsSpan(shared, _keyLength - shared)) <= 0)
        {
            return false;
        }

        _keyLength = shared + suffix.Length;
        if (_key.Length < _keyLength)
        {
            Array.Resize(ref _key, _keyLength);
        }

        suffix.CopyTo(_key.AsSpan(shared));
        into?.Add(_key.AsSpan(0, _keyLength), value);
        LogicalBytes += _keyLength + value.Length;
        Count++;
        return true;
    }
}
