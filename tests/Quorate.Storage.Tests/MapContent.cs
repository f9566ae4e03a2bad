namespace Quorate.Storage.Tests;

/// <summary>Compares what a map holds with what it should hold.</summary>
internal static class MapContent
{
    public static void AssertSame(IMapReader map, KeyValuePair<byte[], byte[]>[] expected)
    {
        Assert.Equal(expected.Length, map.Count);
        Assert.Equal(expected.Sum(pair => (long)pair.Key.Length + pair.Value.Length), map.LogicalBytes);
        AssertAscending(map.Seek([]), expected, 0, int.MaxValue);
        AssertDescending(map.SeekBackward([]), expected, expected.Length - 1, int.MaxValue);
        foreach ((byte[] key, byte[] value) in expected)
        {
            Assert.True(map.TryGet(key, out ReadOnlyMemory<byte> found));
            Assert.True(found.Span.SequenceEqual(value));
        }
    }

    public static void AssertAscending(MapCursor cursor, KeyValuePair<byte[], byte[]>[] expected, int from, int limit)
    {
        int to = (int)Math.Min(expected.Length, (long)from + limit);
        for (int i = from; i < to; i++)
        {
            AssertNext(cursor, expected[i]);
        }

        if (to == expected.Length)
        {
            AssertEnd(cursor);
        }
    }

    public static void AssertDescending(MapCursor cursor, KeyValuePair<byte[], byte[]>[] expected, int from, int limit)
    {
        int to = (int)Math.Max(-1, (long)from - limit);
        for (int i = from; i > to; i--)
        {
            AssertNext(cursor, expected[i]);
        }

        if (to == -1)
        {
            AssertEnd(cursor);
        }
    }

    private static void AssertNext(MapCursor cursor, KeyValuePair<byte[], byte[]> expected)
    {
        Assert.True(cursor.MoveNext());
        Assert.True(cursor.Key.Span.SequenceEqual(expected.Key));
        Assert.True(cursor.Value.Span.SequenceEqual(expected.Value));
    }

    private static void AssertEnd(MapCursor cursor)
    {
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => cursor.Key);
    }
}
