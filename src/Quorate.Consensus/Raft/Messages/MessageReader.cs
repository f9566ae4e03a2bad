using System.Buffers.Binary;

namespace Quorate.Consensus;

/// <summary>Takes little-endian fields off bytes that nobody vouches for.</summary>
internal ref struct MessageReader(ReadOnlyMemory<byte> source)
{
    private readonly ReadOnlyMemory<byte> _source = source;
    private readonly ReadOnlySpan<byte> _span = source.Span;
    private int _offset;

    public readonly int Remaining => _span.Length - _offset;

    public byte Byte() => _span[Take(1)];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        _ => throw new MalformedMessageException("a truth value is neither 0 nor 1"),
    };

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(_span[Take(4)..]);

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(_span[Take(8)..]);

    public Ballot Ballot() => new(UInt32(), UInt64(), new NodeId(UInt64()));

    /// <summary>The next bytes, as a slice of the source.</summary>
    public ReadOnlyMemory<byte> Bytes(uint count) => _source.Slice(Take(count), (int)count);

    private int Take(uint count)
    {
        if (count > (uint)Remaining)
        {
            throw new MalformedMessageException($"{count} bytes were announced, {Remaining} are left");
        }

        int start = _offset;
        _offset += (int)count;
        return start;
    }
}
