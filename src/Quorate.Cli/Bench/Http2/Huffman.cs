namespace Quorate.Cli.Bench.Http2;

/// <summary>
/// Reads HPACK's Huffman code (RFC 7541, appendix B) for printable ASCII, which is all that gRPC's headers hold. The code is canonical: the
/// lengths alone give it.
/// </summary>
internal static class Huffman
{
    private const int LongestBits = 15;

    /// <summary>The characters of each length, in order.</summary>
    private static readonly string[] CharactersOfLength =
    [
        "", "", "", "", "", "012aceiost", " %-./3456789=A_bdfghlmnpru", ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz", "&*,;XZ", "", "!\"()?",
        "'+|", "#>", "\0$@[]~", "^}", "<`{",
    ];

    /// <returns>How many characters; a character outside of printable ASCII ends the text early.</returns>
    public static int Decode(ReadOnlySpan<byte> coded, Span<byte> into)
    {
        int written = 0;
        int code = 0;
        int bits = 0;
        int firstOfLength = 0;
        foreach (byte part in coded)
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                code = (code << 1) | ((part >> bit) & 1);
                firstOfLength <<= 1;
                bits++;
                if (bits > LongestBits || written == into.Length)
                {
                    return written;
                }

                string characters = CharactersOfLength[bits];
                int index = code - firstOfLength;
                if (index < characters.Length)
                {
                    into[written++] = (byte)characters[index];
                    (code, bits, firstOfLength) = (0, 0, 0);
                }
                else
                {
                    firstOfLength += characters.Length;
                }
            }
        }

        return written;
    }
}
