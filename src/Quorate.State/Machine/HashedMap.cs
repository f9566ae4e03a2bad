using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// The ordered map with a running 128-bit sum over the hashes of its pairs, whatever order they came in. The meta record is
/// left out: it is written once a batch, and batches differ between replicas.
/// </summary>
internal sealed class HashedMap(IOrderedMap map, UInt128 sum)
{
    public IMapReader Reader => map;

    public UInt128 Sum { get; private set; } = sum;

    /// <summary>The sum, computed anew from a whole map.</summary>
    public static UInt128 Recompute(IMapReader map)
    {
        UInt128 sum = UInt128.Zero;
        MapCursor cursor = map.Seek([]);
        while (cursor.MoveNext())
        {
            if (!cursor.Key.Span.SequenceEqual(Layout.MetaKey))
            {
                sum += PairHash.Of(cursor.Key.Span, cursor.Value.Span);
            }
        }

        return sum;
    }

    /// <summary>Adds a pair whose key is not there.</summary>
    public void Insert(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool isNew = map.Set(key, value);
        Check.That(isNew);
        Sum += PairHash.Of(key, value);
    }

    /// <summary>Puts another value in place of what a key has.</summary>
    public void Replace(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool isThere = map.TryGet(key, out ReadOnlyMemory<byte> old);
        Check.That(isThere);
        Sum -= PairHash.Of(key, old.Span);
        map.Set(key, value);
        Sum += PairHash.Of(key, value);
    }

    /// <summary>Removes a pair that is there.</summary>
    public void Remove(ReadOnlySpan<byte> key)
    {
        bool isThere = map.TryGet(key, out ReadOnlyMemory<byte> old);
        Check.That(isThere);
        Sum -= PairHash.Of(key, old.Span);
        map.Remove(key);
    }

    public IMapVersion Publish(ReadOnlySpan<byte> meta)
    {
        map.Set(Layout.MetaKey, meta);
        return map.Publish();
    }
}
