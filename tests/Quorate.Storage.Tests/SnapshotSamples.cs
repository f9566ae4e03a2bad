namespace Quorate.Storage.Tests;

/// <summary>Maps and snapshots to test with.</summary>
internal static class SnapshotSamples
{
    public const ulong Index = 42;

    public static readonly string Name = SnapshotFiles.NameOf(Index);

    public static ReadOnlyMemory<byte> Caption => "who I am"u8.ToArray();

    public static OrderedMap Map(int entries)
    {
        OrderedMap map = new();
        for (int i = 0; i < entries; i++)
        {
            map.Set(MapTestBytes.Number(i), MapTestBytes.Value(i));
        }

        return map;
    }

    public static void Write(IDisk disk, IMapVersion version, ulong index = Index, int stepBytes = 1)
    {
        using SnapshotWriter writer = new(disk, index, Caption, version);
        while (writer.Step(stepBytes))
        {
            Assert.False(writer.IsFinished);
        }

        Assert.True(writer.IsFinished);
    }

    public static byte[] FileOf(IMapVersion version)
    {
        SnapshotTestDisk disk = new();
        Write(disk, version);
        return disk[Name];
    }

    public static KeyValuePair<byte[], byte[]>[] Content(IMapReader map)
    {
        List<KeyValuePair<byte[], byte[]>> content = [];
        MapCursor cursor = map.Seek([]);
        while (cursor.MoveNext())
        {
            content.Add(new(cursor.Key.ToArray(), cursor.Value.ToArray()));
        }

        return [.. content];
    }

    public static OrderedMap Load(IDisk disk, string name)
    {
        using SnapshotReader reader = SnapshotReader.Open(disk, name);
        reader.Verify();
        return reader.Load();
    }
}
