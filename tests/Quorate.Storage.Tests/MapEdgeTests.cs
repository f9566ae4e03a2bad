namespace Quorate.Storage.Tests;

/// <summary>Odd keys, full and empty nodes, and the shape that orders of insertion leave behind.</summary>
public sealed class MapEdgeTests
{
    [Fact]
    public void The_empty_key_is_a_key()
    {
        OrderedMap map = new();
        Assert.True(map.Set([], "nothing"u8));
        Assert.True(map.Set([0], "zero"u8));
        Assert.False(map.Set([], []));
        Assert.True(map.TryGet([], out ReadOnlyMemory<byte> value));
        Assert.True(value.IsEmpty);
        Assert.Equal(2, map.Count);
        Assert.Equal(5, map.LogicalBytes);
        Assert.True(map.Remove([]));
        Assert.False(map.TryGet([], out _));
        Assert.Equal([0], SnapshotSamples.Content(map).Single().Key);
    }

    [Theory]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(100_000)]
    public void Long_keys_are_kept_whole(int length)
    {
        OrderedMap map = new();
        byte[] key = new MapTestChance(1).Bytes(length, 256);
        byte[] longer = [.. key, 0];
        map.Set(longer, "b"u8);
        map.Set(key, "a"u8);
        KeyValuePair<byte[], byte[]>[] content = SnapshotSamples.Content(map);
        Assert.Equal([key, longer], content.Select(pair => pair.Key));
        Assert.Equal(length + 1 + length + 1 + 1, map.LogicalBytes);
        Assert.False(map.TryGet(key.AsSpan(0, length - 1), out _));
    }

    [Fact]
    public void Keys_that_are_zeros_of_every_length_are_told_apart()
    {
        OrderedMap map = new();
        SortedDictionary<byte[], byte[]> model = new(MapKeyOrder.Instance);
        for (int length = 0; length < 300; length++)
        {
            int shuffled = length * 7 % 300;
            map.Set(new byte[shuffled], MapTestBytes.Value(shuffled));
            model[new byte[shuffled]] = MapTestBytes.Value(shuffled);
        }

        MapContent.AssertSame(map, [.. model]);
        MapShape.Check(map);
    }

    [Fact]
    public void Bytes_compare_unsigned()
    {
        OrderedMap map = new();
        map.Set([0x80], []);
        map.Set([0x7F, 0xFF], []);
        map.Set([0xFF], []);
        Assert.Equal([[0x7F, 0xFF], [0x80], [0xFF]], SnapshotSamples.Content(map).Select(pair => pair.Key));
    }

    [Fact]
    public void A_value_that_was_read_does_not_change_when_it_is_overwritten()
    {
        OrderedMap map = new();
        map.Set("k"u8, "old"u8);
        map.TryGet("k"u8, out ReadOnlyMemory<byte> value);
        map.Set("k"u8, "new"u8);
        map.Set("k"u8, "n"u8, "ewer"u8);
        Assert.Equal("old"u8.ToArray(), value.ToArray());
        map.TryGet("k"u8, out value);
        Assert.Equal("newer"u8.ToArray(), value.ToArray());
        Assert.Equal(6, map.LogicalBytes);
    }

    [Fact]
    public void Bytes_that_were_given_are_copied()
    {
        OrderedMap map = new();
        byte[] key = [1];
        byte[] value = [2];
        map.Set(key, value);
        key[0] = 9;
        value[0] = 9;
        Assert.True(map.TryGet([1], out ReadOnlyMemory<byte> kept));
        Assert.Equal([2], kept.ToArray());
    }

    [Fact]
    public void Publishing_twice_without_a_change_gives_the_same_version()
    {
        OrderedMap map = SnapshotSamples.Map(10);
        IMapVersion version = map.Publish();
        Assert.Same(version, map.Publish());
        map.Remove("none"u8);
        Assert.Same(version, map.Publish());
        map.Set("one"u8, []);
        Assert.NotSame(version, map.Publish());
        Assert.Equal(10, version.Count);
    }

    [Fact]
    public void Ascending_keys_leave_full_leaves()
    {
        MapShapeFacts facts = MapShape.Check(SnapshotSamples.Map(64 * 500));
        Assert.Equal(500, facts.Leaves);
        Assert.Equal(64, facts.SmallestLeaf);
        Assert.Equal(9, facts.Branches);
    }

    [Fact]
    public void Keys_that_nearly_ascend_below_a_key_that_stays_leave_leaves_three_quarters_full()
    {
        const int Keys = 64 * 500;
        MapTestChance chance = new(3);
        OrderedMap map = new();
        map.Set(MapTestBytes.Number(int.MaxValue), []);
        foreach (int key in Enumerable.Range(0, Keys).OrderBy(key => key + chance.Below(100)))
        {
            map.Set(MapTestBytes.Number(key), []);
        }

        Assert.InRange(MapShape.Check(map).Leaves, 500, Keys / 44);
    }

    [Fact]
    public void Descending_keys_leave_leaves_at_least_half_full()
    {
        OrderedMap map = new();
        for (int i = 20_000; i > 0; i--)
        {
            map.Set(MapTestBytes.Number(i), []);
        }

        Assert.InRange(MapShape.Check(map).Leaves, 300, 626);
    }

    [Fact]
    public void Keys_that_fall_one_below_another_behind_a_full_leaf_share_a_leaf()
    {
        OrderedMap map = SnapshotSamples.Map(64);
        for (int i = 255; i >= 0; i--)
        {
            map.Set([.. MapTestBytes.Number(63), (byte)i], []);
        }

        Assert.InRange(MapShape.Check(map).Leaves, 5, 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(10_000)]
    public void A_map_that_shrank_keeps_few_nodes(int publishEvery)
    {
        OrderedMap map = SnapshotSamples.Map(50_000);
        MapTestChance chance = new(5);
        int[] order = [.. Enumerable.Range(0, 50_000).OrderBy(_ => chance.Below(int.MaxValue))];
        for (int i = 0; i < 49_000; i++)
        {
            Assert.True(map.Remove(MapTestBytes.Number(order[i])));
            if (i % publishEvery == 0)
            {
                map.Publish();
            }
        }

        MapShapeFacts facts = MapShape.Check(map);
        Assert.InRange(facts.Leaves, 16, 1000 / 16);
        Assert.InRange(facts.Branches, 1, 4);
        for (int i = 49_000; i < 50_000; i++)
        {
            Assert.True(map.Remove(MapTestBytes.Number(order[i])));
        }

        Assert.Equal(0, map.Count);
        Assert.Equal(0, map.LogicalBytes);
        Assert.Equal(0, MapShape.Check(map).Depth);
    }

    [Fact]
    public void Keys_below_the_first_bound_stay_found_through_splits_and_joins()
    {
        // The first child of a branch takes what lies below its own bound; joining it to a neighbour must not lose that.
        OrderedMap map = new();
        for (int i = 30_000; i < 40_000; i++)
        {
            map.Set(MapTestBytes.Number(i), []);
        }

        for (int i = 29_999; i >= 0; i--)
        {
            map.Set(MapTestBytes.Number(i), []);
        }

        for (int i = 0; i < 40_000; i++)
        {
            if (i % 20 != 0)
            {
                Assert.True(map.Remove(MapTestBytes.Number(i)));
            }
        }

        MapShape.Check(map);
        Assert.Equal(2000, map.Count);
        for (int i = 0; i < 40_000; i += 20)
        {
            Assert.True(map.TryGet(MapTestBytes.Number(i), out _));
        }
    }

    [Fact]
    public void A_branch_that_joins_its_neighbour_keeps_what_lies_below_its_first_bound()
    {
        const int Leaf = MapNode.Capacity;
        const int Branch = Leaf * MapNode.Capacity;
        OrderedMap map = SnapshotSamples.Map(2 * Branch);

        // The second branch loses its first child, and takes a key back that lies below what is now its first bound.
        RemoveRange(map, Branch, Branch + Leaf);
        map.Set(MapTestBytes.Number(Branch + 5), []);
        Assert.Equal(3, MapShape.Check(map).Branches);

        RemoveRange(map, 10 * Leaf, Branch);
        RemoveRange(map, Branch + (10 * Leaf), 2 * Branch);
        Assert.Equal(1, MapShape.Check(map).Branches);
        Assert.True(map.TryGet(MapTestBytes.Number(Branch + 5), out _));
        Assert.Equal((19 * Leaf) + 1, SnapshotSamples.Content(map).Length);
    }

    private static void RemoveRange(OrderedMap map, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            Assert.True(map.Remove(MapTestBytes.Number(i)));
        }
    }
}
