namespace Quorate.Storage.Tests;

/// <summary>What is written is what is read.</summary>
public sealed class SnapshotRoundTripTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(100_000)]
    public void A_map_comes_back_as_it_was(int entries)
    {
        SnapshotTestDisk disk = new();
        IMapVersion version = SnapshotSamples.Map(entries).Publish();
        SnapshotSamples.Write(disk, version, stepBytes: 200_000);

        using SnapshotReader reader = SnapshotReader.Open(disk, SnapshotSamples.Name);
        Assert.Equal(SnapshotSamples.Index, reader.Index);
        Assert.Equal(SnapshotSamples.Caption.ToArray(), reader.Caption.ToArray());
        Assert.Equal(entries, reader.Count);
        Assert.Equal(version.LogicalBytes, reader.LogicalBytes);
        Assert.Equal([SnapshotSamples.Name], disk.List());
        OrderedMap loaded = reader.Load();
        MapContent.AssertSame(loaded, SnapshotSamples.Content(version));
        MapShape.Check(loaded);
    }

    [Theory]
    [InlineData(MapKeyStyle.ShortBytes)]
    [InlineData(MapKeyStyle.DeepPrefixes)]
    [InlineData(MapKeyStyle.TwoLetters)]
    public void Keys_of_every_kind_come_back(MapKeyStyle style)
    {
        MapTestChance chance = new(7);
        OrderedMap map = new();
        for (int i = 0; i < 3000; i++)
        {
            map.Set(MapKeys.Draw(chance, style), chance.Bytes(chance.Below(300), 256));
        }

        SnapshotTestDisk disk = new();
        SnapshotSamples.Write(disk, map.Publish());
        MapContent.AssertSame(SnapshotSamples.Load(disk, SnapshotSamples.Name), SnapshotSamples.Content(map));
    }

    [Fact]
    public void Entries_longer_than_a_block_come_back()
    {
        OrderedMap map = new();
        byte[] longKey = new byte[200_000];
        map.Set([], new byte[300_000]);
        map.Set(longKey, new byte[70_000]);
        map.Set([.. longKey, 1], []);
        map.Set("z"u8, "last"u8);
        SnapshotTestDisk disk = new();
        SnapshotSamples.Write(disk, map.Publish());
        MapContent.AssertSame(SnapshotSamples.Load(disk, SnapshotSamples.Name), SnapshotSamples.Content(map));
    }

    [Fact]
    public void A_snapshot_holds_the_version_and_not_what_the_writer_did_since()
    {
        OrderedMap map = SnapshotSamples.Map(20_000);
        IMapVersion version = map.Publish();
        KeyValuePair<byte[], byte[]>[] content = SnapshotSamples.Content(version);
        SnapshotTestDisk disk = new();
        using (SnapshotWriter writer = new(disk, SnapshotSamples.Index, SnapshotSamples.Caption, version))
        {
            int steps = 1;
            while (writer.Step(1))
            {
                map.Set(MapTestBytes.Number(steps * 999), "changed"u8);
                map.Remove(MapTestBytes.Number(steps * 777));
                map.Publish();
                steps++;
            }

            Assert.True(steps > 5);
        }

        MapContent.AssertSame(SnapshotSamples.Load(disk, SnapshotSamples.Name), content);
    }

    [Fact]
    public void A_step_writes_about_as_much_as_it_is_told()
    {
        IMapVersion version = SnapshotSamples.Map(50_000).Publish();
        SnapshotTestDisk disk = new();
        using SnapshotWriter writer = new(disk, SnapshotSamples.Index, SnapshotSamples.Caption, version);
        long before = 0;
        while (writer.Step(100_000))
        {
            Assert.InRange(writer.BytesWritten - before, 100_000, 100_000 + (70 << 10));
            before = writer.BytesWritten;
        }

        Assert.Throws<InvalidOperationException>(() => writer.Step(1));
    }

    [Fact]
    public void A_long_file_is_flushed_on_the_way()
    {
        OrderedMap map = new();
        for (int i = 0; i < 20; i++)
        {
            map.Set(MapTestBytes.Number(i), new byte[1 << 20]);
        }

        SnapshotTestDisk disk = new();
        SnapshotSamples.Write(disk, map.Publish());
        Assert.Equal(3, disk.Flushes);
    }

    [Fact]
    public void A_caption_may_be_empty_but_not_over_a_mebibyte()
    {
        SnapshotTestDisk disk = new();
        IMapVersion version = new OrderedMap().Publish();
        Assert.Throws<ArgumentOutOfRangeException>(() => new SnapshotWriter(disk, 1, new byte[(1 << 20) + 1], version));
        using (SnapshotWriter writer = new(disk, 1, default, version))
        {
            Assert.False(writer.Step(1));
        }

        using SnapshotReader reader = SnapshotReader.Open(disk, SnapshotFiles.NameOf(1));
        Assert.True(reader.Caption.IsEmpty);
    }
}
