using System.Text;

namespace Quorate.Cli.Bench.Http2;

/// <summary>
/// Writes request headers as the usual gRPC clients do: each text once per connection, its number in the shared table from then on
/// (RFC 7541, section 6.2.1).
/// </summary>
internal sealed class HeaderEncoder(string authority)
{
    private const byte MethodPost = 0x83;
    private const byte SchemeHttp = 0x86;
    private const int PathName = 4;
    private const int AuthorityName = 1;
    private const int ContentTypeName = 31;
    private const int UserAgentName = 58;
    private const int FirstDynamic = 62;

    private readonly List<string> _inserted = [];

    /// <summary>The largest block: the first one of a connection.</summary>
    public const int MostBytes = 512;

    /// <returns>Its length.</returns>
    public int Write(Span<byte> into, string path)
    {
        into[0] = MethodPost;
        into[1] = SchemeHttp;
        int at = 2;
        at += Field(into[at..], PathName, "", path);
        at += Field(into[at..], AuthorityName, "", authority);
        at += Field(into[at..], ContentTypeName, "", "application/grpc");
        at += Field(into[at..], UserAgentName, "", "quorate-bench");
        at += Field(into[at..], 0, "te", "trailers");
        return at;
    }

    private int Field(Span<byte> into, int nameIndex, string name, string value)
    {
        int position = _inserted.IndexOf(value);
        if (position >= 0)
        {
            into[0] = (byte)(0x80 | (FirstDynamic + _inserted.Count - 1 - position));
            return 1;
        }

        _inserted.Add(value);
        into[0] = (byte)(0x40 | nameIndex);
        int at = 1;
        if (nameIndex == 0)
        {
            at += Text(into[at..], name);
        }

        return at + Text(into[at..], value);
    }

    private static int Text(Span<byte> into, string text)
    {
        into[0] = (byte)text.Length;
        return 1 + Encoding.ASCII.GetBytes(text, into[1..]);
    }
}
