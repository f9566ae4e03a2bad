using System.Text;
using Google.Protobuf;

namespace Quorate.Client;

/// <summary>One key, or all keys from one to another in the order of their bytes.</summary>
public readonly struct KeyRange : IEquatable<KeyRange>
{
    private static readonly byte[] Zero = [0];

    private KeyRange(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> end)
    {
        Key = key;
        End = end;
    }

    /// <summary>The first key.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>The key behind the last, as it goes over the wire: empty for one key, a zero byte for no end.</summary>
    public ReadOnlyMemory<byte> End { get; }

    /// <summary>Every key.</summary>
    public static KeyRange All { get; } = new(Zero, Zero);

    /// <summary>One key.</summary>
    public static KeyRange Single(ReadOnlyMemory<byte> key) => new(key, default);

    /// <summary>One key, in UTF-8.</summary>
    public static KeyRange Single(string key) => Single(Encoding.UTF8.GetBytes(key));

    /// <summary>Every key that begins with these bytes.</summary>
    public static KeyRange Prefix(ReadOnlyMemory<byte> prefix)
    {
        int length = prefix.Length;
        while (length > 0 && prefix.Span[length - 1] == byte.MaxValue)
        {
            length--;
        }

        if (length == 0)
        {
            return new KeyRange(prefix.IsEmpty ? Zero : prefix, Zero);
        }

        byte[] end = prefix[..length].ToArray();
        end[length - 1]++;
        return new KeyRange(prefix, end);
    }

    /// <summary>Every key that begins with this text.</summary>
    public static KeyRange Prefix(string prefix) => Prefix(Encoding.UTF8.GetBytes(prefix));

    /// <summary>This key and every one behind it.</summary>
    public static KeyRange From(ReadOnlyMemory<byte> key) => new(key.IsEmpty ? Zero : key, Zero);

    /// <summary>This key and every one behind it.</summary>
    public static KeyRange From(string key) => From(Encoding.UTF8.GetBytes(key));

    /// <summary>From the first key up to the second, without it.</summary>
    public static KeyRange Between(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> end) => new(key, end);

    /// <summary>From the first key up to the second, without it.</summary>
    public static KeyRange Between(string key, string end) => Between(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(end));

    /// <summary>One key, in UTF-8.</summary>
    public static implicit operator KeyRange(string key) => Single(key);

    /// <summary>Whether both hold the same keys.</summary>
    public static bool operator ==(KeyRange left, KeyRange right) => left.Equals(right);

    /// <summary>Whether they hold different keys.</summary>
    public static bool operator !=(KeyRange left, KeyRange right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(KeyRange other) => Key.Span.SequenceEqual(other.Key.Span) && End.Span.SequenceEqual(other.End.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KeyRange other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Key.Span);
        hash.AddBytes(End.Span);
        return hash.ToHashCode();
    }

    internal ByteString WireKey => Wire.Bytes(Key);

    internal ByteString WireEnd => Wire.Bytes(End);
}
