using System.Buffers.Binary;

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
        ReadOnlySpan<byte> rest = block[SnapshotFormat.BlockHeaderBytes..];
        for (uint i = 0; i < entries; i++)
        {
            if (!TryReadEntry(ref rest, isFirst: i == 0))
            {
                return false;
            }
        }

        return entries > 0 && rest.IsEmpty;
    }

    private bool TryReadEntry(ref ReadOnlySpan<byte> rest, bool isFirst)
    {
        if (rest.IsEmpty)
        {
            return false;
        }

        int shared = rest[0];
        rest = rest[1..];
        if (!TryReadLength(ref rest, out int keyLength) || !TryReadLength(ref rest, out int valueLength))
        {
            return false;
        }

        if ((long)keyLength + valueLength > rest.Length || shared > (isFirst ? 0 : _keyLength))
        {
            return false;
        }

        // What two keys share is equal, so what is left of them decides; the very first key has none before it.
        ReadOnlySpan<byte> suffix = rest[..keyLength];
        if (_keyLength >= 0 && suffix.SequenceCompareTo(_key.AsSpan(shared, _keyLength - shared)) <= 0)
        {
            return false;
        }

        if (_key.Length < shared + keyLength)
        {
            Array.Resize(ref _key, shared + keyLength);
        }

        suffix.CopyTo(_key.AsSpan(shared));
        _keyLength = shared + keyLength;
        into?.Add(_key.AsSpan(0, _keyLength), rest.Slice(keyLength, valueLength));
        rest = rest[(keyLength + valueLength)..];
        LogicalBytes += _keyLength + valueLength;
        Count++;
        return true;
    }

    private static bool TryReadLength(ref ReadOnlySpan<byte> rest, out int length)
    {
        ulong number = 0;
        for (int i = 0; i < 5 && i < rest.Length; i++)
        {
            number |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                length = (int)Math.Min(number, int.MaxValue);
                rest = rest[(i + 1)..];
                return true;
            }
        }

        length = 0;
        return false;
    }
}
