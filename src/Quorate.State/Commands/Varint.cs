namespace Quorate.State;

/// <summary>Unsigned numbers in groups of seven bits, lowest first, the high bit set on all but the last byte (LEB128).</summary>
internal static class Varint
{
    public const int MaxSize = 10;

    public static int Size(ulong value) => value < 0x80 ? 1 : (70 - int.CreateTruncating(ulong.LeadingZeroCount(value))) / 7;

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

    /// <summary>Reads a number.</summary>
    /// <returns>Bytes read; 0 when the source ends too early or the number does not fit into 64 bits.</returns>
    public static int Read(ReadOnlySpan<byte> source, out ulong value)
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
