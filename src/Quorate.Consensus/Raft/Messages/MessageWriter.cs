using System.Buffers.Binary;

namespace Quorate.Consensus;

/// <summary>Fills a span of the exact length with little-endian fields.</summary>
internal ref struct MessageWriter(Span<byte> destination)
{
    /// <summary>A ballot: configuration (4), round (8), node (8).</summary>
    public const int BallotBytes = 4 + 8 + 8;

    private Span<byte> _rest = destination;

    public readonly int Remaining => _rest.Length;

    public void Byte(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_rest, value);
        _rest = _rest[4..];
    }

    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_rest, value);
        _rest = _rest[8..];
    }

    public void Ballot(Ballot ballot)
    {
        UInt32(ballot.Configuration);
        UInt64(ballot.Round);
        UInt64(ballot.Node.Value);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_rest);
        _rest = _rest[bytes.Length..];
    }
}
