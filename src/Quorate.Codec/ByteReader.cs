using System.Buffers.Binary;
using System.Text;

namespace Quorate.Codec;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote, from bytes that nobody vouches for. It never reads past them and never allocates
/// more than they hold; after the first fault <see cref="Failed"/> is true and everything reads as nothing, so that a caller
/// may look once, at the end.
/// </summary>
/// <param name="bytes">What to read.</param>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far; all of them after a fault.</summary>
    public int Offset { get; private set; }

    /// <summary>Whether the bytes were not what was asked for.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether nothing is left.</summary>
    public readonly bool AtEnd => Offset == _bytes.Length;

    /// <summary>Bytes that are left.</summary>
    public readonly int Remaining => _bytes.Length - Offset;

    /// <summary>Whether everything was read, without a fault.</summary>
    public readonly bool IsComplete => !Failed && AtEnd;

    /// <summary>One byte.</summary>
    public byte Byte() => TryTake(sizeof(byte), out ReadOnlySpan<byte> taken) ? taken[0] : (byte)0;

    /// <summary>A byte that is 0 or 1.</summary>
    public bool Bool()
    {
        byte value = Byte();
        if (value > 1)
        {
            Fail();
        }

        return value == 1;
    }

    /// <summary>Four bytes, little-endian.</summary>
    public uint UInt32() => TryTake(sizeof(uint), out ReadOnlySpan<byte> taken) ? BinaryPrimitives.ReadUInt32LittleEndian(taken) : 0;

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong UInt64() => TryTake(sizeof(ulong), out ReadOnlySpan<byte> taken) ? BinaryPrimitives.ReadUInt64LittleEndian(taken) : 0;

    /// <summary>A <see cref="Codec.Varint"/>.</summary>
    public ulong Varint()
    {
        int read = Codec.Varint.Read(_bytes[Offset..], out ulong value);
        if (read == 0)
        {
            Fail();
            return 0;
        }

        Offset += read;
        return value;
    }

    /// <summary>A varint that fits 32 bits.</summary>
    public uint Varint32()
    {
        ulong value = Varint();
        if (value > uint.MaxValue)
        {
            Fail();
            return 0;
        }

        return (uint)value;
    }

    /// <summary>
    /// A count, as a varint, of things that take at least <paramref name="minBytesEach"/> bytes each: no list is longer than
    /// its bytes, so a wrong count causes no large allocation.
    /// </summary>
    public int Count(int minBytesEach)
    {
        ulong count = Varint();
        if (count > (ulong)(Remaining / minBytesEach))
        {
            Fail();
            return 0;
        }

        return (int)count;
    }

    /// <summary>Bytes behind their length, a varint.</summary>
    public ReadOnlySpan<byte> Bytes() => Raw((uint)Count(1));

    /// <summary>The next <paramref name="count"/> bytes.</summary>
    public ReadOnlySpan<byte> Raw(uint count)
    {
        TryTake(count, out ReadOnlySpan<byte> taken);
        return taken;
    }

    /// <summary>Everything that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Raw((uint)Remaining);

    /// <summary>UTF-8 behind its length in bytes.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>What was read makes no sense to the caller.</summary>
    public void Fail()
    {
        Failed = true;
        Offset = _bytes.Length;
    }

    private bool TryTake(uint count, out ReadOnlySpan<byte> taken)
    {
        if (count > (uint)Remaining)
        {
            Fail();
            taken = default;
            return false;
        }

        taken = _bytes.Slice(Offset, (int)count);
        Offset += (int)count;
        return true;
    }
}
