namespace Quorate.Storage;

/// <summary>Bugs that the simulator plants in the log to prove that its oracles would find them. Production plants none.</summary>
[Flags]
internal enum LogPlants
{
    /// <summary>Nothing is broken.</summary>
    None = 0,

    /// <summary>Recovery does not cut what was torn, and takes it for something that had been durable (T31).</summary>
    TornTail = 1 << 0,

    /// <summary>What was written is called durable without a flush (T30).</summary>
    FlushSkipped = 1 << 1,

    /// <summary>A new segment is written to before its name is durable (T34).</summary>
    DirectoryUnflushed = 1 << 2,

    /// <summary>Recovery does not look at the durable marks of headers, and cuts corruption off as if it were a torn end.</summary>
    MarkIgnored = 1 << 3,
}
