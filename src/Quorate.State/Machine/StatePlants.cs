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

    /// <summary>A command that comes again under its session is applied again.</summary>
    SessionRetryApplied = 16,

    /// <summary>A state that comes out of a snapshot knows no sessions' answers.</summary>
    SessionsNotInSnapshot = 32,

    /// <summary>A session that was forgotten is opened again by whatever comes under it.</summary>
    SessionReopened = 64,
}
