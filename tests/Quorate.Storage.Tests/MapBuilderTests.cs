namespace Quorate.Storage.Tests;

/// <summary>Building a map from ascending keys.</summary>
public sealed class MapBuilderTests
{
    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(64, 1, 0)]
    [InlineData(65, 2, 1)]
    [InlineData(64 * 64, 64, 1)]
    [InlineData((64 * 64) + 1, 65, 3)]
    [InlineData(64 * 64 * 65, 64 * 65, 68)]
    public void A_built_map_has_full_leaves_and_everything_in_it(int entries, int leaves, int branches)
    {
        OrderedMapBuilder builder = new();
        SortedDictionary<byte[], byte[]> model = new(MapKeyOrder.Instance);
        for (int i = 0; i < entries; i++)
        {
            builder.Add(MapTestBytes.Number(i), MapTestBytes.Value(i));
            model.Add(MapTestBytes.Number(i), MapTestBytes.Value(i));
        }

        OrderedMap map = builder.Build();
        MapShapeFacts facts = MapShape.Check(map);
        Assert.Equal((leaves, branches), (facts.Leaves, facts.Branches));
        MapContent.AssertSame(map, [.. model]);
    }

    [Fact]
    public void A_built_map_goes_on_like_any_other()
    {
        OrderedMapBuilder builder = new();
        for (int i = 0; i < 10_000; i += 2)
        {
            builder.Add(MapTestBytes.Number(i), []);
        }

        OrderedMap map = builder.Build();
        IMapVersion built = map.Publish();
        for (int i = 1; i < 10_000; i += 2)
        {
            Assert.True(map.Set(MapTestBytes.Number(i), []));
            Assert.True(i % 4 == 1 || map.Remove(MapTestBytes.Number(i - 1)));
        }

        Assert.Equal(5000, built.Count);
        Assert.Equal(5000, SnapshotSamples.Content(built).Length);
        Assert.Equal(7500, SnapshotSamples.Content(map).Length);
        MapShape.Check(map);
    }

    [Theory]
    [InlineData("b", "b")]
    [InlineData("b", "a")]
    [InlineData("bb", "b")]
    [InlineData("b", "")]
    [InlineData("", "")]
    public void A_key_that_is_not_above_the_last_is_refused(string first, string second)
    {
        OrderedMapBuilder builder = new();
        builder.Add(MapTestBytes.Ascii(first), []);
        Assert.Throws<ArgumentException>(() => builder.Add(MapTestBytes.Ascii(second), []));
        builder.Add("c"u8, []);
        Assert.Equal(2, builder.Build().Count);
    }

    [Fact]
    public void A_builder_builds_once()
    {
        OrderedMapBuilder builder = new();
        builder.Build();
        Assert.Throws<InvalidOperationException>(builder.Build);
        Assert.Throws<InvalidOperationException>(() => builder.Add([], []));
    }
}
