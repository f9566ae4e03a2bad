namespace Quorate.Storage.Tests;

/// <summary>Cursors where they are easily wrong.</summary>
public sealed class MapCursorTests
{
    [Fact]
    public void An_empty_map_has_nothing_in_either_direction()
    {
        OrderedMap map = new();
        Assert.False(map.Seek([]).MoveNext());
        Assert.False(map.Seek("a"u8).MoveNext());
        Assert.False(map.SeekBackward([]).MoveNext());
        Assert.False(map.SeekBackward("a"u8).MoveNext());
        Assert.False(map.TryGet([], out _));
        Assert.False(map.Publish().Seek([]).MoveNext());
    }

    [Fact]
    public void A_cursor_is_on_nothing_before_it_moves_and_after_the_end()
    {
        OrderedMap map = new();
        map.Set("a"u8, "1"u8);
        MapCursor cursor = map.Seek([]);
        Assert.Throws<InvalidOperationException>(() => cursor.Key);
        Assert.Throws<InvalidOperationException>(() => cursor.Value);
        Assert.True(cursor.MoveNext());
        Assert.Equal("a"u8.ToArray(), cursor.Key.ToArray());
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => cursor.Value);
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void A_change_voids_a_cursor_of_the_writer_but_not_one_of_a_version()
    {
        OrderedMap map = SnapshotSamples.Map(500);
        MapCursor ofVersion = map.Publish().Seek([]);
        MapCursor ofWriter = map.Seek([]);
        Assert.True(ofWriter.MoveNext());
        ReadOnlyMemory<byte> key = ofWriter.Key;

        Assert.False(map.Remove("no such key"u8));
        map.Publish();
        Assert.True(ofWriter.MoveNext());

        map.Remove(key.Span);
        Assert.Throws<InvalidOperationException>(() => ofWriter.MoveNext());
        MapCursor anew = map.SeekBackward([]);
        map.Set(MapTestBytes.Number(7), []);
        Assert.Throws<InvalidOperationException>(() => anew.MoveNext());
        Assert.Equal(MapTestBytes.Number(0), key.ToArray());
        for (int i = 0; i < 500; i++)
        {
            Assert.True(ofVersion.MoveNext());
            Assert.Equal(MapTestBytes.Value(i), ofVersion.Value.ToArray());
        }

        Assert.False(ofVersion.MoveNext());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(4097)]
    public void Every_key_and_every_gap_is_found_from_both_sides(int entries)
    {
        OrderedMap map = new();
        for (int i = 0; i < entries; i++)
        {
            map.Set(MapTestBytes.Number(i * 2), MapTestBytes.Value(i * 2));
        }

        for (int i = -1; i <= entries * 2; i++)
        {
            byte[] key = i < 0 ? MapTestBytes.Ascii("a") : MapTestBytes.Number(i);
            int at = i < 0 ? 0 : (i + 1) / 2;
            AssertFirst(map.Seek(key), at, entries);
            AssertFirst(map.SeekBackward(key), at - 1, entries);
        }

        AssertFirst(map.Seek("l"u8), entries, entries);
        AssertFirst(map.SeekBackward("l"u8), entries - 1, entries);
    }

    private static void AssertFirst(MapCursor cursor, int at, int entries)
    {
        bool isThere = at >= 0 && at < entries;
        Assert.Equal(isThere, cursor.MoveNext());
        if (isThere)
        {
            Assert.Equal(MapTestBytes.Number(at * 2), cursor.Key.ToArray());
        }
    }
}
