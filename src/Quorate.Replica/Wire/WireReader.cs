using System.Buffers.Binary;
using System.Text;

namespace Quorate.Replica;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote. Never reads past its input and never allocates more than it holds; the first
/// fault makes <see cref="Failed"/> true and everything after it read as zero.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Offset { get; private set; }

    public bool Failed { get; private set; }

    public readonly bool AtEnd => Offset == _bytes.Length;

    public readonly int Remaining => _bytes.Length - Offset;

    /// <summary>Whether everything was read, without a fault.</summary>
    public readonly bool IsComplete => !Failed && AtEnd;

    public byte Byte() => Take(1, out ReadOnlySpan<byte> span) ? span[0] : (byte)0;

    public ulong UInt64() => Take(8, out ReadOnlySpan<byte> span) ? BinaryPrimitives.ReadUInt64LittleEndian(span) : 0;

    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Failed = true;
        return 0;
    }

    /// <summary>A varint that fits 32 bits.</summary>
    public uint Varint32()
    {
        ulong value = Varint();
        Failed |= value > uint.MaxValue;
        return Failed ? 0 : (uint)value;
    }

    /// <summary>What was read makes no sense to the caller.</summary>
    public void Fail() => Failed = true;

    /// <summary>A count of things that take at least <paramref name="minBytesEach"/> bytes each, so that a wrong one cannot cause a large allocation.</summary>
    public int Count(int minBytesEach)
    {
        ulong count = Varint();
        if (Failed || count > (ulong)(Remaining / minBytesEach))
        {
            Failed = true;
            return 0;
        }

        return (int)count;
    }

    public ReadOnlySpan<byte> Bytes()
    {
        ulong length = Varint();
        if (Failed || length > (ulong)Remaining)
        {
            Failed = true;
            return default;
        }

        Take((int)length, out ReadOnlySpan<byte> span);
        return span;
    }

    public ReadOnlySpan<byte> Rest()
    {
        Take(Remaining, out ReadOnlySpan<byte> span);
        return span;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    private bool Take(int count, out ReadOnlySpan<byte> span)
    {
        if (Failed || count > Remaining)
        {
            Failed = true;
            span = default;
            return false;
        }

        span = _bytes.Slice(Offset, count);
        Offset += count;
        return true;
    }
}
