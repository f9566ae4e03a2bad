namespace Quorate.Storage.Tests;

/// <summary>A snapshot that comes from a peer in chunks.</summary>
public sealed class SnapshotReceiverTests
{
    private static readonly IMapVersion Version = SnapshotSamples.Map(10_000).Publish();
    private static readonly byte[] File = SnapshotSamples.FileOf(Version);

    [Fact]
    public void A_file_read_raw_from_one_disk_stands_on_the_other()
    {
        SnapshotTestDisk from = new() { [SnapshotSamples.Name] = File };
        SnapshotTestDisk to = new();
        using (SnapshotReader reader = SnapshotReader.Open(from, SnapshotSamples.Name))
        using (SnapshotReceiver receiver = new(to, reader.Index, reader.Length))
        {
            byte[] buffer = new byte[30_001];
            while (!receiver.IsComplete)
            {
                int read = reader.ReadRaw(receiver.Received, buffer);
                Assert.True(receiver.TryWrite(receiver.Received, buffer.AsSpan(0, read)));
            }

            Assert.Empty(SnapshotFiles.List(to));
            receiver.Finish();
            Assert.True(receiver.IsFinished);
            Assert.Equal(0, reader.ReadRaw(reader.Length, buffer));
        }

        Assert.Equal(File, to[SnapshotSamples.Name]);
        Assert.Equal([SnapshotSamples.Name], to.List());
        MapContent.AssertSame(SnapshotSamples.Load(to, SnapshotSamples.Name), SnapshotSamples.Content(Version));
    }

    [Fact]
    public void A_chunk_that_comes_twice_or_leaves_a_gap_or_is_too_long_changes_nothing()
    {
        SnapshotTestDisk disk = new();
        using SnapshotReceiver receiver = new(disk, SnapshotSamples.Index, File.Length);
        Assert.False(receiver.TryWrite(1, File.AsSpan(1, 10)));
        Assert.True(receiver.TryWrite(0, File.AsSpan(0, 10)));
        Assert.False(receiver.TryWrite(0, File.AsSpan(0, 10)));
        Assert.False(receiver.TryWrite(9, File.AsSpan(9, 10)));
        Assert.False(receiver.TryWrite(11, File.AsSpan(11, 10)));
        Assert.False(receiver.TryWrite(-1, File.AsSpan(0, 10)));
        Assert.False(receiver.TryWrite(10, [.. File.AsSpan(10), 0]));
        Assert.Equal(10, receiver.Received);
        Assert.Throws<InvalidOperationException>(receiver.Finish);
        Assert.True(receiver.TryWrite(10, File.AsSpan(10)));
        receiver.Finish();
        Assert.Throws<InvalidOperationException>(() => receiver.TryWrite(File.Length, []));
        Assert.Equal(File, disk[SnapshotSamples.Name]);
    }

    [Fact]
    public void A_damaged_file_never_gets_its_name_and_its_space_comes_back()
    {
        byte[] damaged = [.. File];
        damaged[File.Length / 2] ^= 0x10;
        AssertRefused(SnapshotSamples.Index, damaged);
    }

    [Fact]
    public void A_whole_file_of_another_index_is_refused()
    {
        AssertRefused(SnapshotSamples.Index + 1, File);
    }

    [Fact]
    public void A_receiver_that_is_given_up_leaves_nothing()
    {
        SnapshotTestDisk disk = new();
        using (SnapshotReceiver receiver = new(disk, SnapshotSamples.Index, File.Length))
        {
            receiver.TryWrite(0, File.AsSpan(0, 100));
            Assert.Single(disk.List());
        }

        Assert.Empty(disk.List());
    }

    private static void AssertRefused(ulong index, byte[] bytes)
    {
        SnapshotTestDisk disk = new();
        using (SnapshotReceiver receiver = new(disk, index, bytes.Length))
        {
            Assert.True(receiver.TryWrite(0, bytes));
            Assert.Throws<CorruptionException>(receiver.Finish);
            Assert.False(receiver.IsFinished);
            Assert.Throws<InvalidOperationException>(receiver.Finish);
        }

        Assert.Empty(disk.List());
    }
}
