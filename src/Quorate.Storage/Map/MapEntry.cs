namespace Quorate.Storage;

/// <summary>
/// One key and its value in one array that never changes once made: the length of the key (one byte, or 255 and four
/// bytes when it is longer than 254), the key, the value. One object for each entry is what keeps a million of them small.
/// </summary>
internal readonly struct MapEntry
{
    private const byte LongKey = 255;
    private const int LongHeaderBytes = 5;

    private readonly byte[] _bytes;

    private MapEntry(byte[] bytes)
    {
        _bytes = bytes;
    }

    /// <summary>Whether this is no entry at all.</summary>
    public bool IsNone => _bytes is null;

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key
    {
        get
        {
            int start = KeyStart(out int length);
            return _bytes.AsSpan(start, length);
        }
    }

    /// <summary>The key, to keep.</summary>
    public ReadOnlyMemory<byte> KeyMemory
    {
        get
        {
            int start = KeyStart(out int length);
            return _bytes.AsMemory(start, length);
        }
    }

    /// <summary>The value, to keep.</summary>
    public ReadOnlyMemory<byte> ValueMemory
    {
        get
        {
            int start = KeyStart(out int length);
            return _bytes.AsMemory(start + length);
        }
    }

    /// <summary>The lengths of key and value together, in bytes.</summary>
    public int LogicalBytes => _bytes.Length - KeyStart(out _);

    /// <summary>An entry whose value is <paramref name="head"/> followed by <paramref name="tail"/>; everything is copied.</summary>
    public static MapEntry Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        int start = key.Length < LongKey ? 1 : LongHeaderBytes;
        byte[] bytes = new byte[checked(start + key.Length + head.Length + tail.Length)];
        if (start == 1)
        {
            bytes[0] = (byte)key.Length;
        }
        else
        {
            bytes[0] = LongKey;
            BitConverter.TryWriteBytes(bytes.AsSpan(1), key.Length);
        }

        key.CopyTo(bytes.AsSpan(start));
        head.CopyTo(bytes.AsSpan(start + key.Length));
        tail.CopyTo(bytes.AsSpan(start + key.Length + head.Length));
        return new MapEntry(bytes);
    }

    /// <summary>An entry without a value: a bound in a branch, which must not keep a removed value alive.</summary>
    public static MapEntry OfKey(ReadOnlySpan<byte> key) => Of(key, [], []);

    /// <summary>
    /// The shortest and lowest bound between two neighbours: above <paramref name="below"/>, not above
    /// <paramref name="above"/>. Lowest, so that keys that later fall between them go to the right, where there is room
    /// after a split at the edge.
    /// </summary>
    public static MapEntry Between(ReadOnlySpan<byte> below, ReadOnlySpan<byte> above)
    {
        int common = below.CommonPrefixLength(above);
        byte[] bound = new byte[common + 1];
        above[..common].CopyTo(bound);
        bound[common] = common == below.Length ? (byte)0 : (byte)(below[common] + 1);
        return OfKey(bound);
    }

    private int KeyStart(out int length)
    {
        length = _bytes[0];
        if (length < LongKey)
        {
            return 1;
        }

        length = BitConverter.ToInt32(_bytes, 1);
        return LongHeaderBytes;
    }
}
