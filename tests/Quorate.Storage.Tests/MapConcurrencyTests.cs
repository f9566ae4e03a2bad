namespace Quorate.Storage.Tests;

/// <summary>Real threads read versions while the writer goes on.</summary>
public sealed class MapConcurrencyTests
{
    private const int Keys = 3000;
    private const int Batches = 400;
    private const int Readers = 3;

    /// <summary>
    /// Each batch rewrites every key of a random stretch and moves one number from one key to another, so that a reader who
    /// saw a mixture of versions, or a node in the middle of an edit, would find keys out of order or another count.
    /// </summary>
    [Fact]
    public void Readers_of_versions_see_each_of_them_whole_while_the_writer_goes_on()
    {
        OrderedMap map = new();
        Published latest = new(map.Publish(), 0);
        bool isOver = false;
        Task[] readers = [.. Enumerable.Range(0, Readers).Select(reader => Task.Factory.StartNew(
            () =>
            {
                MapTestChance chance = new(reader + 100);
                int seen = 0;
                while (!Volatile.Read(ref isOver) || seen == 0)
                {
                    CheckWhole(Volatile.Read(ref latest), chance);
                    seen++;
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        try
        {
            MapTestChance chance = new(1);
            for (int batch = 1; batch <= Batches; batch++)
            {
                Write(map, batch, chance);
                Volatile.Write(ref latest, new Published(map.Publish(), batch));
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
#pragma warning disable xUnit1031 // The readers are threads that end by themselves once the writer is done.
            Task.WaitAll(readers, TestContext.Current.CancellationToken);
#pragma warning restore xUnit1031
        }
    }

    private static void Write(OrderedMap map, int batch, MapTestChance chance)
    {
        byte[] stamp = BitConverter.GetBytes(batch);
        int from = chance.Below(Keys);
        for (int i = 0; i < 200; i++)
        {
            byte[] key = MapTestBytes.Number((from + i) % Keys);
            if (chance.Below(3) == 0)
            {
                map.Remove(key);
            }
            else
            {
                map.Set(key, stamp);
            }
        }

        // Every version says of itself in which batch it was made, at both ends and how much there is between.
        map.Set("a"u8, stamp);
        map.Set("z"u8, stamp);
        map.Set("count"u8, BitConverter.GetBytes(map.TryGet("count"u8, out _) ? map.Count : map.Count + 1));
    }

    private static void CheckWhole(Published published, MapTestChance chance)
    {
        if (published.Batch == 0)
        {
            return;
        }

        IMapVersion version = published.Version;
        KeyValuePair<byte[], byte[]>[] content = SnapshotSamples.Content(version);
        Assert.Equal(version.Count, content.Length);
        Assert.Equal(published.Batch, BitConverter.ToInt32(content[0].Value));
        Assert.Equal(published.Batch, BitConverter.ToInt32(content[^1].Value));
        Assert.True(version.TryGet("count"u8, out ReadOnlyMemory<byte> count));
        Assert.Equal(content.Length, BitConverter.ToInt64(count.Span));
        for (int i = 1; i < content.Length; i++)
        {
            Assert.True(content[i - 1].Key.AsSpan().SequenceCompareTo(content[i].Key) < 0);
        }

        KeyValuePair<byte[], byte[]> some = content[chance.Below(content.Length)];
        Assert.True(version.TryGet(some.Key, out ReadOnlyMemory<byte> value));
        Assert.Equal(some.Value, value.ToArray());
    }

    private sealed record Published(IMapVersion Version, int Batch);
}
