namespace Quorate.Storage.Tests;

/// <summary>Each call to the disk fails once, and the power goes after each: what is listed is whole, what is not is cleaned up.</summary>
public sealed class SnapshotFaultTests
{
    private static readonly IMapVersion Version = SnapshotSamples.Map(10_000).Publish();

    [Fact]
    public void A_writer_whose_disk_fails_at_any_call_leaves_no_half_snapshot()
    {
        ForEveryCall(disk => SnapshotSamples.Write(disk, Version));
    }

    [Fact]
    public void A_receiver_whose_disk_fails_at_any_call_leaves_no_half_snapshot()
    {
        byte[] file = SnapshotSamples.FileOf(Version);
        ForEveryCall(disk =>
        {
            using SnapshotReceiver receiver = new(disk, SnapshotSamples.Index, file.Length);
            for (int at = 0; at < file.Length; at += 50_000)
            {
                Assert.True(receiver.TryWrite(at, file.AsSpan(at, Math.Min(50_000, file.Length - at))));
            }

            receiver.Finish();
        });
    }

    [Fact]
    public void A_writer_that_failed_is_not_driven_on_and_gives_its_space_back()
    {
        SnapshotTestDisk disk = new() { Failure = (3, () => new DiskFullException("full")) };
        using (SnapshotWriter writer = new(disk, SnapshotSamples.Index, SnapshotSamples.Caption, Version))
        {
            Assert.Throws<DiskFullException>(() => writer.Step(int.MaxValue));
            Assert.Throws<InvalidOperationException>(() => writer.Step(int.MaxValue));
        }

        Assert.Empty(disk.List());
    }

    [Fact]
    public void What_an_interrupted_writer_left_is_cleaned_up_and_nothing_else()
    {
        SnapshotTestDisk disk = new();
        SnapshotSamples.Write(disk, Version, index: 7);
        disk["log-00000001"] = [1];
        disk["snapshot-notes.txt"] = [1];
        disk[SnapshotFiles.WritingNameOf(8)] = [1, 2, 3];
        disk[SnapshotFiles.ReceivingNameOf(9)] = [1, 2, 3];

        Assert.Equal(2, SnapshotFiles.CleanUp(disk));
        disk.Crash();
        Assert.Equal(["log-00000001", SnapshotFiles.NameOf(7), "snapshot-notes.txt"], disk.List());
        Assert.Equal(0, SnapshotFiles.CleanUp(disk));
    }

    [Fact]
    public void A_snapshot_is_written_over_the_leftover_of_an_earlier_attempt()
    {
        SnapshotTestDisk disk = new() { [SnapshotFiles.WritingNameOf(SnapshotSamples.Index)] = new byte[9_000_000] };
        SnapshotSamples.Write(disk, Version);
        MapContent.AssertSame(SnapshotSamples.Load(disk, SnapshotSamples.Name), SnapshotSamples.Content(Version));
    }

    [Fact]
    public void Snapshots_are_listed_newest_first_and_old_ones_deleted()
    {
        SnapshotTestDisk disk = new();
        IMapVersion version = SnapshotSamples.Map(1).Publish();
        foreach (ulong index in (ulong[])[9, 100, 1, ulong.MaxValue])
        {
            SnapshotSamples.Write(disk, version, index);
        }

        disk["snapshot-99999999999999999999.qsnap"] = [];
        disk["snapshot-0000000000000000000x.qsnap"] = [];
        Assert.Equal([ulong.MaxValue, 100, 9, 1], SnapshotFiles.List(disk).Select(file => file.Index));
        Assert.Equal(2, SnapshotFiles.DeleteBefore(disk, 100));
        Assert.Equal([ulong.MaxValue, 100], SnapshotFiles.List(disk).Select(file => file.Index));
    }

    private static void ForEveryCall(Action<IDisk> run)
    {
        SnapshotTestDisk counting = new();
        run(counting);
        Assert.True(counting.Calls > 6);
        for (int call = 1; call <= counting.Calls; call++)
        {
            SnapshotTestDisk disk = new() { Failure = (call, () => new DiskFailedException("EIO")) };
            Assert.Throws<DiskFailedException>(() => run(disk));
            AssertWholeOrNothing(disk);
            disk.Crash();
            AssertWholeOrNothing(disk);
            SnapshotFiles.CleanUp(disk);
            Assert.All(disk.List(), name => Assert.Equal(SnapshotSamples.Name, name));
        }

        counting.Crash();
        Assert.Equal([SnapshotSamples.Name], counting.List());
        AssertWholeOrNothing(counting);
    }

    private static void AssertWholeOrNothing(SnapshotTestDisk disk)
    {
        foreach (SnapshotFile file in SnapshotFiles.List(disk))
        {
            MapContent.AssertSame(SnapshotSamples.Load(disk, file.Name), SnapshotSamples.Content(Version));
        }
    }
}
