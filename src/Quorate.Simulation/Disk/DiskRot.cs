using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>
/// What a disk does to flushed data behind everybody's back: bits flip, a write lands on another sector, a write never lands at all. It
/// is bounded so that a node can still know that something is missing and what it has to answer for: of the log, the flush that was
/// last stays whole, since whatever it alone proves to have been durable cannot be told from a torn end without it.
/// </summary>
internal static class DiskRot
{
    private const int MaxSectors = 3;
    private const int MaxFlips = 4;

    /// <summary>Damages up to three sectors of a disk whose node is down.</summary>
    /// <returns>What was done, in words; empty if there is nothing that may be damaged.</returns>
    public static string Strike(VirtualDisk disk, SeededGenerator generator)
    {
        List<(VirtualFile File, int Sector)> targets = generator.Chance(250) ? Snapshots(disk) : Log(disk);
        if (targets.Count == 0)
        {
            return string.Empty;
        }

        var done = new List<string>();
        for (int count = generator.Between(1, MaxSectors); count > 0; count--)
        {
            done.Add(Damage(targets, generator));
        }

        return string.Join(", ", done);
    }

    private static string Damage(List<(VirtualFile File, int Sector)> targets, SeededGenerator generator)
    {
        (VirtualFile file, int sector) = generator.Pick<(VirtualFile, int)>([.. targets]);
        switch (generator.Below(3))
        {
            case 0:
                file.Flip(sector, generator, generator.Between(1, MaxFlips));
                return "bits flipped";
            case 1:
                file.Forget(sector);
                return "stale sector";
            default:
                (VirtualFile other, int there) = generator.Pick<(VirtualFile, int)>([.. targets]);
                other.Overwrite(there, file.Sector(sector));
                file.Forget(sector);
                return "misdirected write";
        }
    }

    private static List<(VirtualFile File, int Sector)> Snapshots(VirtualDisk disk)
    {
        var targets = new List<(VirtualFile, int)>();
        foreach (VirtualFile file in disk.Files("snapshot-", ".qsnap"))
        {
            targets.AddRange(file.FlushedBefore(long.MaxValue).Select(sector => (file, sector)));
        }

        return targets;
    }

    private static List<(VirtualFile File, int Sector)> Log(VirtualDisk disk)
    {
        var targets = new List<(VirtualFile, int)>();
        List<VirtualFile> files = disk.Files("log-", ".qlog");
        if (files.Count == 0 || files[^1].LastFlush <= files[^1].BeginFlush)
        {
            return targets;
        }

        foreach (VirtualFile file in files)
        {
            long end = file == files[^1] ? file.LastFlush : long.MaxValue;
            targets.AddRange(file.FlushedBefore(end).Select(sector => (file, sector)));
        }

        return targets;
    }
}
