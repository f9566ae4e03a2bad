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

    private byte[] Read(string name, int count)
    {
        var bytes = new byte[count];
        _disk.Open(name).Read(0, bytes);
        return bytes;
    }
}
