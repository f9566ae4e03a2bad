namespace Quorate.State;

/// <summary>
/// A range of keys with etcd's meaning of its end: empty for the single key, one zero byte for everything from the key on,
/// anything else for [key, end). A key of one zero byte with such an end is the whole keyspace.
/// </summary>
/// <param name="Key">The first key.</param>
/// <param name="End">The end as above.</param>
public readonly record struct KeyRange(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> End)
{
    /// <summary>Whether it names one key.</summary>
    public bool IsSingle => End.IsEmpty;

    /// <summary>Whether it has no upper bound.</summary>
    public bool IsUnbounded => End.Length == 1 && End.Span[0] == 0;

    /// <summary>Whether no key can lie in it: an end at or before its key.</summary>
    public bool IsEmpty => !IsSingle && !IsUnbounded && End.Span.SequenceCompareTo(Key.Span) <= 0;

    /// <summary>Whether <paramref name="key"/> lies in it.</summary>
    public bool Contains(ReadOnlySpan<byte> key)
    {
        if (IsSingle)
        {
            return key.SequenceEqual(Key.Span);
        }

        return key.SequenceCompareTo(Key.Span) >= 0 && (IsUnbounded || key.SequenceCompareTo(End.Span) < 0);
    }
}
