using System.Buffers.Binary;

namespace Quorate.State;

/// <summary>
/// Where the keyspace lives in the ordered map. The first byte of a map key names the table:
/// </summary>
/// <remarks>
/// <code>
/// 'a' lease(8) key                          →  nothing                key hangs on lease
/// 'g' due(8) key                            →  revision(8)            the version of key to be removed once the compact revision is at or above due
/// 'k' escaped-key 00 inverted-revision(8)   →  version record         one version of key, tombstones included
/// 'l' lease(8)                              →  ttl-s(8) deadline-ms(8)
/// 'm'                                       →  meta record
/// 's' session(16)                           →  used-ms(8) acknowledged(8)
/// 's' session(16) sequence(8)               →  kind(1) answer             what was answered under that number
/// </code>
/// All numbers are big-endian. A revision is inverted as 2⁶³−1−revision, so that the newest version of a key comes first and
/// one seek finds the newest at or below any revision. A zero byte in a key is escaped as 00 FF; the single 00 that ends the
/// key is followed by a byte below 80 (revisions are positive), so keys keep their order and none is a prefix of another's
/// versions. Keys without zero bytes, that is nearly all, are slices of the map's own bytes when read. There is one map entry
/// for each version and nothing else for a key that was never overwritten and hangs on no lease: no index by revision.
/// </remarks>
internal static class Layout
{
    public const byte AttachmentTable = (byte)'a';
    public const byte GarbageTable = (byte)'g';
    public const byte VersionTable = (byte)'k';
    public const byte LeaseTable = (byte)'l';
    public const byte MetaTable = (byte)'m';
    public const byte SessionTable = (byte)'s';

    /// <summary>Bytes a revision takes.</summary>
    public const int RevisionSize = 8;

    /// <summary>Bytes in front of the key in the tables of garbage and attachments.</summary>
    public const int NumberedPrefixSize = 9;

    private const byte Escape = 0xFF;

    /// <summary>Behind every version of a key and in front of any other key.</summary>
    private const byte PastVersions = 0x80;

    public static ReadOnlySpan<byte> MetaKey => [MetaTable];

    /// <summary>Size of a version's map key without its revision.</summary>
    public static int PrefixSize(ReadOnlySpan<byte> key) => key.Length + key.Count((byte)0) + 2;

    /// <summary>Writes table byte, escaped key and terminator.</summary>
    /// <returns>Bytes written: <see cref="PrefixSize"/>.</returns>
    public static int WritePrefix(Span<byte> destination, ReadOnlySpan<byte> key)
    {
        int position = WriteLowerBound(destination, key);
        destination[position] = 0;
        return position + 1;
    }

    public static void WriteRevision(Span<byte> destination, long revision) =>
        BinaryPrimitives.WriteInt64BigEndian(destination, long.MaxValue - revision);

    /// <summary>The revision of a version, from its map key.</summary>
    public static long RevisionOf(ReadOnlySpan<byte> versionKey) =>
        long.MaxValue - BinaryPrimitives.ReadInt64BigEndian(versionKey[^RevisionSize..]);

    /// <summary>The key that a version's map key is about.</summary>
    public static ReadOnlyMemory<byte> KeyOf(ReadOnlyMemory<byte> versionKey)
    {
        ReadOnlyMemory<byte> escaped = versionKey[1..^(RevisionSize + 1)];
        int zeros = escaped.Span.Count((byte)0);
        return zeros == 0 ? escaped : Unescape(escaped.Span, zeros);
    }

    /// <summary>The map keys between which all versions of the keys of a range lie: at or above the first, below the second.</summary>
    public static (byte[] From, byte[] Until) Bounds(KeyRange range)
    {
        ReadOnlySpan<byte> key = range.Key.Span;
        if (range.IsSingle)
        {
            byte[] prefix = new byte[PrefixSize(key)];
            WritePrefix(prefix, key);
            return (prefix, PastKey(prefix));
        }

        return (LowerBound(key), range.IsUnbounded ? [VersionTable + 1] : LowerBound(range.End.Span));
    }

    /// <summary>The map key behind all versions of the key whose versions begin with <paramref name="prefix"/>.</summary>
    public static byte[] PastKey(ReadOnlySpan<byte> prefix) => [.. prefix, PastVersions];

    /// <summary>The map key of the version that begins with <paramref name="prefix"/>.</summary>
    public static byte[] VersionKey(ReadOnlySpan<byte> prefix, long revision)
    {
        var versionKey = new byte[prefix.Length + RevisionSize];
        prefix.CopyTo(versionKey);
        WriteRevision(versionKey.AsSpan(prefix.Length), revision);
        return versionKey;
    }

    /// <summary>Writes table, number and key, as in the tables of garbage and attachments.</summary>
    public static int WriteNumbered(Span<byte> destination, byte table, long number, ReadOnlySpan<byte> key)
    {
        destination[0] = table;
        BinaryPrimitives.WriteInt64BigEndian(destination[1..], number);
        key.CopyTo(destination[NumberedPrefixSize..]);
        return NumberedPrefixSize + key.Length;
    }

    public static byte[] NumberedKey(byte table, long number)
    {
        var mapKey = new byte[NumberedPrefixSize];
        WriteNumbered(mapKey, table, number, []);
        return mapKey;
    }

    /// <summary>The number in a map key of the tables of garbage, attachments and leases.</summary>
    public static long NumberOf(ReadOnlySpan<byte> mapKey) => BinaryPrimitives.ReadInt64BigEndian(mapKey[1..]);

    private static byte[] LowerBound(ReadOnlySpan<byte> key)
    {
        var bound = new byte[PrefixSize(key) - 1];
        WriteLowerBound(bound, key);
        return bound;
    }

    private static int WriteLowerBound(Span<byte> destination, ReadOnlySpan<byte> key)
    {
        destination[0] = VersionTable;
        int position = 1;
        for (int zero = key.IndexOf((byte)0); zero >= 0; zero = key.IndexOf((byte)0))
        {
            key[..(zero + 1)].CopyTo(destination[position..]);
            position += zero + 1;
            destination[position++] = Escape;
            key = key[(zero + 1)..];
        }

        key.CopyTo(destination[position..]);
        return position + key.Length;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> escaped, int zeros)
    {
        var key = new byte[escaped.Length - zeros];
        int position = 0;
        for (int i = 0; i < escaped.Length; i++)
        {
            key[position++] = escaped[i];
            i += escaped[i] == 0 ? 1 : 0;
        }

        return key;
    }
}
