using System.Buffers.Binary;

namespace Quorate.Cli.Bench;

/// <summary>Writes the few messages of a load test as protobuf, without an allocation.</summary>
internal ref struct ProtoWriter(Span<byte> into)
{
    private const int WireVarint = 0;
    private const int WireBytes = 2;
    private readonly Span<byte> _into = into;

    public int Length { get; private set; }

    public void Bytes(int field, scoped ReadOnlySpan<byte> value)
    {
        Varint((uint)((field << 3) | WireBytes));
        Varint((ulong)value.Length);
        value.CopyTo(_into[Length..]);
        Length += value.Length;
    }

    public void Number(int field, ulong value)
    {
        Varint((uint)((field << 3) | WireVarint));
        Varint(value);
    }

    private void Varint(ulong value) => Length += Codec.Varint.Write(_into[Length..], value);
}

/// <summary>Reads protobuf field by field, without an allocation.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its value when it is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value when it is bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <exception cref="FormatException">This is not protobuf.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        ulong tag = Varint();
        Field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                return true;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                return true;
            case 2:
                Bytes = Take(checked((int)Varint()));
                return true;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                return true;
            default:
                throw new FormatException("a damaged protobuf message");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw new FormatException("a protobuf message that is cut off");
        }

        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private ulong Varint()
    {
        int read = Codec.Varint.Read(_rest, out ulong value);
        _rest = read > 0 ? _rest[read..] : throw new FormatException("a protobuf number without an end");
        return value;
    }
}
