namespace Quorate.Simulation;

/// <summary>What becomes of what was written and not flushed when a node goes down.</summary>
internal enum CrashMode
{
    /// <summary>The process died, the kernel lives: everything is read back, and may still be lost later.</summary>
    Kill,

    /// <summary>Power cut: nothing of it survives.</summary>
    DropAll,

    /// <summary>Power cut, but the disk had written all of it.</summary>
    KeepAll,

    /// <summary>Power cut: each sector, and each change of the directory, survives or not, independently of the others.</summary>
    Tear,

    /// <summary>As <see cref="Tear"/>, but changes of the directory survive in order up to some point, as on a journaling file system.</summary>
    TearInOrder,
}
