using System.Runtime.CompilerServices;

namespace Quorate.Codec;

/// <summary>Unsigned numbers in groups of seven bits, lowest first, the high bit set on all but the last byte (LEB128).</summary>
public static class Varint
{
    /// <summary>The most bytes a number takes.</summary>
    public const int MaxSize = 10;

    /// <summary>The bytes that <see cref="Write"/> takes for <paramref name="value"/>.</summary>
    public static int Size(ulong value) => value < 0x80 ? 1 : (70 - int.CreateTruncating(ulong.LeadingZeroCount(value))) / 7;

    /// <summary>Writes a number at the start of <paramref name="destination"/>.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="IndexOutOfRangeException">There is no room for them.</exception>
    public static int Write(Span<byte> destination, ulong value)
    {
        int position = 0;
        while (value >= 0x80)
        {
            destination[position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[position++] = (byte)value;
        return position;
    }

    /// <summary>Reads a number at the start of <paramref name="source"/>.</summary>
    /// <returns>Bytes read; 0 when the source ends too early or the number does not fit into 64 bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ReadOnlySpan<byte> source, out ulong value)
    {
        if (!source.IsEmpty && source[0] < 0x80)
        {
            value = source[0];
            return 1;
        }

        return ReadLong(source, out value);
    }

    private static int ReadLong(ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        int last = Math.Min(source.Length, MaxSize);
        for (int position = 0; position < last; position++)
        {
            byte group = source[position];
            if (position == MaxSize - 1 && group > 1)
            {
                return 0;
            }

            value |= (ulong)(group & 0x7F) << (7 * position);
            if (group < 0x80)
            {
                return position + 1;
            }
        }

        return 0;
    }
}
