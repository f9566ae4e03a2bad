using Quorate.Storage;

namespace Quorate.State.Tests;

/// <summary>The plainest ordered map there can be: sorted, copied whole when published.</summary>
internal sealed class FakeMap : FakeReader, IOrderedMap
{
    public FakeMap()
        : base(new SortedDictionary<byte[], byte[]>(ByteOrder.Instance))
    {
    }

    /// <summary>A map as if loaded out of a snapshot of <paramref name="version"/>.</summary>
    public static FakeMap LoadedFrom(IMapReader version)
    {
        var map = new FakeMap();
        MapCursor cursor = version.Seek([]);
        while (cursor.MoveNext())
        {
            map.Set(cursor.Key.Span, cursor.Value.Span);
        }

        return map;
    }

    public bool Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        byte[] owned = key.ToArray();
        bool isNew = !Content.ContainsKey(owned);
        Content[owned] = value.ToArray();
        return isNew;
    }

    public bool Remove(ReadOnlySpan<byte> key) => Content.Remove(key.ToArray());

    public IMapVersion Publish() => new Version(new SortedDictionary<byte[], byte[]>(Content, ByteOrder.Instance));

    private sealed class Version(SortedDictionary<byte[], byte[]> content) : FakeReader(content), IMapVersion;
}

internal abstract class FakeReader(SortedDictionary<byte[], byte[]> content) : IMapReader
{
    protected SortedDictionary<byte[], byte[]> Content { get; } = content;

    public long Count => Content.Count;

    public long LogicalBytes => Content.Sum(pair => (long)pair.Key.Length + pair.Value.Length);

    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value)
    {
        bool found = Content.TryGetValue(key.ToArray(), out byte[]? stored);
        value = stored;
        return found;
    }

    public MapCursor Seek(ReadOnlySpan<byte> from)
    {
        byte[] bound = from.ToArray();
        return new Cursor(Content.Where(pair => ByteOrder.Instance.Compare(pair.Key, bound) >= 0));
    }

    public MapCursor SeekBackward(ReadOnlySpan<byte> before)
    {
        byte[] bound = before.ToArray();
        return new Cursor(Content.Where(pair => bound.Length == 0 || ByteOrder.Instance.Compare(pair.Key, bound) < 0).Reverse());
    }

    private sealed class Cursor(IEnumerable<KeyValuePair<byte[], byte[]>> pairs) : MapCursor
    {
        private readonly IEnumerator<KeyValuePair<byte[], byte[]>> _pairs = pairs.GetEnumerator();

        public override ReadOnlyMemory<byte> Key => _pairs.Current.Key;

        public override ReadOnlyMemory<byte> Value => _pairs.Current.Value;

        public override bool MoveNext() => _pairs.MoveNext();
    }
}

internal sealed class ByteOrder : IComparer<byte[]>
{
    public static readonly ByteOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
