namespace Quorate.Storage;

/// <summary>
/// An ordered map of bytes to bytes with one writer. The writer changes it in place between two calls of
/// <see cref="Publish"/>; readers hold published versions, which never change and never block the writer.
/// Keys compare as unsigned bytes, shorter first.
/// </summary>
public interface IOrderedMap : IMapReader
{
    /// <summary>Puts a value; replaces what was there.</summary>
    /// <returns>Whether the key was new.</returns>
    bool Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Puts a value made of two parts, which are copied straight into the entry; replaces what was there.</summary>
    /// <returns>Whether the key was new.</returns>
    bool Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> valueHead, ReadOnlySpan<byte> valueTail) =>
        Set(key, [.. valueHead, .. valueTail]);

    /// <summary>Removes a key.</summary>
    /// <returns>Whether it was there.</returns>
    bool Remove(ReadOnlySpan<byte> key);

    /// <summary>Freezes the present content as a version. Costs O(1); later writes copy what the version shares.</summary>
    IMapVersion Publish();
}

/// <summary>Reading an ordered map.</summary>
public interface IMapReader
{
    /// <summary>How many keys there are.</summary>
    long Count { get; }

    /// <summary>The sum of the lengths of all keys and values, in bytes.</summary>
    long LogicalBytes { get; }

    /// <summary>The value of a key. The bytes returned never change, even when the map does.</summary>
    bool TryGet(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value);

    /// <summary>
    /// A cursor at the first key ≥ <paramref name="from"/> (before the first <see cref="MapCursor.MoveNext"/> it is on nothing).
    /// A cursor over the writer's own view is void as soon as the map is changed.
    /// </summary>
    MapCursor Seek(ReadOnlySpan<byte> from);

    /// <summary>A cursor that walks down from the last key &lt; <paramref name="before"/>, or from the very last when it is empty.</summary>
    MapCursor SeekBackward(ReadOnlySpan<byte> before);
}

/// <summary>An immutable version of an <see cref="IOrderedMap"/>, usable from any thread.</summary>
public interface IMapVersion : IMapReader;

/// <summary>A position in an ordered map that moves one key at a time.</summary>
public abstract class MapCursor
{
    /// <summary>Moves to the next key in the cursor's direction.</summary>
    /// <returns><see langword="false"/> at the end.</returns>
    public abstract bool MoveNext();

    /// <summary>The key it is on; the bytes never change.</summary>
    public abstract ReadOnlyMemory<byte> Key { get; }

    /// <summary>The value it is on; the bytes never change.</summary>
    public abstract ReadOnlyMemory<byte> Value { get; }
}
