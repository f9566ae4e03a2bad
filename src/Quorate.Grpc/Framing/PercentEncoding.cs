using System.Text;

namespace Quorate.Grpc.Framing;

/// <summary>
/// The encoding of <c>grpc-message</c>: UTF-8, in which every byte but printable ASCII, and the percent sign, is written as
/// %XX (gRPC over HTTP/2, "Responses").
/// </summary>
internal static class PercentEncoding
{
    private const string Digits = "0123456789ABCDEF";

    public static string Encode(string text)
    {
        int index = 0;
        while (index < text.Length && IsPlain(text[index]))
        {
            index++;
        }

        if (index == text.Length)
        {
            return text;
        }

        StringBuilder encoded = new(text, 0, index, text.Length + 16);
        foreach (byte unit in Encoding.UTF8.GetBytes(text[index..]))
        {
            if (IsPlain((char)unit))
            {
                encoded.Append((char)unit);
            }
            else
            {
                encoded.Append('%').Append(Digits[unit >> 4]).Append(Digits[unit & 15]);
            }
        }

        return encoded.ToString();
    }

    /// <summary>The text; what is not a valid escape is kept as it stands, as the specification asks of readers.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        byte[] source = Encoding.UTF8.GetBytes(text);
        int length = 0;
        for (int index = 0; index < source.Length; index++)
        {
            if (source[index] == '%' && index + 2 < source.Length
                && char.IsAsciiHexDigit((char)source[index + 1]) && char.IsAsciiHexDigit((char)source[index + 2]))
            {
                source[length++] = (byte)((HexValue(source[index + 1]) << 4) | HexValue(source[index + 2]));
                index += 2;
            }
            else
            {
                source[length++] = source[index];
            }
        }

        return Encoding.UTF8.GetString(source, 0, length);
    }

    private static bool IsPlain(char unit) => unit is >= ' ' and <= '~' and not '%';

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
