namespace Quorate.State;

/// <summary>Bugs that can be planted in a <see cref="WatchHub"/>, so that tests and the simulator can show that they would find them.</summary>
[Flags]
internal enum WatchPlants
{
    /// <summary>None: the real thing.</summary>
    None = 0,

    /// <summary>A watcher that falls behind skips the revision it had no room for.</summary>
    EventLost = 1,

    /// <summary>The events of one revision come in two messages.</summary>
    SplitRevision = 2,

    /// <summary>A watcher that has caught up gets the last revision once more.</summary>
    DuplicateDelivery = 4,

    /// <summary>Progress of a stream is told while a watcher is behind.</summary>
    ProgressTooEarly = 8,

    /// <summary>A start revision in the future is treated as "from now on".</summary>
    FutureStartEarly = 16,
}
