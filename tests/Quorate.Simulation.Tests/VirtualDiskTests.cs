using Quorate.Consensus;
using Quorate.Storage;

namespace Quorate.Simulation.Tests;

public sealed class VirtualDiskTests
{
    private readonly VirtualDisk _disk = new(new SeededGenerator(1));

    [Fact]
    public void What_was_not_flushed_is_gone_after_a_power_cut_and_there_after_a_kill()
    {
        using IDiskFile file = _disk.Create("a", 1024);
        _disk.FlushDirectory();
        file.Write(0, [1, 2, 3]);
        file.Flush();
        file.Write(0, [9]);
        _disk.Crash(CrashMode.Kill);
        Assert.Equal([9, 2, 3], Read("a", 3));
        _disk.Crash(CrashMode.DropAll);
        Assert.Equal([1, 2, 3], Read("a", 3));
    }

    [Fact]
    public void A_name_is_durable_only_when_the_directory_was_flushed()
    {
        _disk.Create("old", 8).Dispose();
        _disk.FlushDirectory();
        _disk.Rename("old", "new");
        Assert.Equal(["new"], _disk.List());
        _disk.Crash(CrashMode.DropAll);
        Assert.Equal(["old"], _disk.List());
    }

    [Fact]
    public void A_torn_write_leaves_some_sectors_new_and_some_old()
    {
        bool isMixed = false;
        for (ulong seed = 0; seed < 50; seed++)
        {
            var disk = new VirtualDisk(new SeededGenerator(seed));
            using IDiskFile file = disk.Create("a", 4096);
            disk.FlushDirectory();
            var ones = new byte[4096];
            Array.Fill(ones, (byte)1);
            file.Write(0, ones);
            disk.Crash(CrashMode.Tear);
            var read = new byte[4096];
            disk.Open("a").Read(0, read);
            for (int sector = 0; sector < 8; sector++)
            {
                Assert.Single(read[(sector * 512)..((sector + 1) * 512)].Distinct());
            }

            isMixed |= read.Distinct().Count() == 2;
        }

        Assert.True(isMixed);
    }

    [Fact]
    public void The_process_dies_at_the_call_it_was_told()
    {
        IDiskFile file = _disk.Create("a", 8);
        _disk.DieAfter(1);
        file.Write(0, [1]);
        Assert.Throws<ProcessDiedException>(file.Flush);
    }

    [Fact]
    public void Rot_never_touches_the_last_flush_of_the_log_nor_what_was_not_flushed()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var generator = new SeededGenerator(seed);
            var disk = new VirtualDisk(generator.Split());
            using IDiskFile file = disk.Create("log-1.qlog", 4096);
            Assert.Empty(DiskRot.Strike(disk, generator));
            for (int sector = 0; sector < 4; sector++)
            {
                file.Write(sector * 512, [(byte)(sector + 1)]);
                file.Flush();
            }

            file.Write(0, [9]);
            StrikeOnce(disk, generator);
            var content = new byte[4096];
            file.Read(0, content);
            Assert.Equal((9, 4), (content[0], content[3 * 512]));
            Assert.Equal(-1, content.AsSpan(3 * 512 + 1).IndexOfAnyExcept((byte)0));
        }
    }

    [Fact]
    public void Rot_damages_what_was_flushed_in_every_way_it_knows()
    {
        var seen = new SortedSet<string>();
        for (ulong seed = 0; seed < 50; seed++)
        {
            var generator = new SeededGenerator(seed);
            var disk = new VirtualDisk(generator.Split());
            using IDiskFile file = disk.Create("snapshot-1.qsnap", 2048);
            for (byte version = 1; version < 3; version++)
            {
                file.Write(0, Enumerable.Repeat(version, 1024).ToArray());
                file.Write(1024, Enumerable.Repeat((byte)(version + 4), 1024).ToArray());
                file.Flush();
            }

            string done = StrikeOnce(disk, generator);
            seen.UnionWith(done.Split(", "));
            var content = new byte[2048];
            file.Read(0, content);
            Assert.True(content.AsSpan(0, 1024).IndexOfAnyExcept((byte)2) >= 0 || content.AsSpan(1024).IndexOfAnyExcept((byte)6) >= 0, done);
        }

        Assert.Equal(["bits flipped", "misdirected write", "stale sector"], seen);
    }

    // Whether the log or a snapshot is struck is left to chance too, and there may be none.
    private static string StrikeOnce(VirtualDisk disk, SeededGenerator generator)
    {
        string done = string.Empty;
        for (int i = 0; i < 100 && done.Length == 0; i++)
        {
            done = DiskRot.Strike(disk, generator);
        }

        Assert.NotEmpty(done);
        return done;
    }

    private byte[] Read(string name, int count)
    {
        var bytes = new byte[count];
        _disk.Open(name).Read(0, bytes);
        return bytes;
    }
}
