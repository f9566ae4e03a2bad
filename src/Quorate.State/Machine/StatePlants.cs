namespace Quorate.State;

/// <summary>Bugs that the simulator plants to prove that its oracles would find them. Production plants none.</summary>
[Flags]
internal enum StatePlants
{
    None = 0,

    /// <summary>A lease gets half the time it was promised.</summary>
    LeaseShortened = 1,

    /// <summary>An expiry is believed without looking at the deadline again.</summary>
    LeaseExpiryUnchecked = 2,

    /// <summary>Now and then a revision is not told to the observer.</summary>
    WatchEventLost = 4,

    /// <summary>Compaction forgets the tombstone at the compact revision itself (etcd #18089, #19179).</summary>
    CompactionDropsTombstone = 8,
}
