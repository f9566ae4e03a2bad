namespace Quorate.Replica;

/// <summary>
/// Planted bugs of the replica. Each breaks one rule of DESIGN §3 or §4; a simulation that does not find it is no proof of
/// anything.
/// </summary>
[Flags]
internal enum ReplicaPlants
{
    /// <summary>Nothing is broken.</summary>
    None = 0,

    /// <summary>Reads are served from the local state without a barrier.</summary>
    ReadWithoutBarrier = 1 << 0,

    /// <summary>What was sent under an older ballot is sent again as soon as the leader changes.</summary>
    ForwardTwice = 1 << 1,

    /// <summary>A new leader's lease time begins ahead of what the log shows.</summary>
    LeaseTimeJumps = 1 << 2,

    /// <summary>Messages do not wait for the disk.</summary>
    HeldMessagesLeave = 1 << 3,

    /// <summary>A request that may have been proposed is refused as one that never was.</summary>
    UnknownCalledFailed = 1 << 4,

    /// <summary>A leader takes a forwarded command as often as it comes.</summary>
    ForwardTakenTwice = 1 << 5,

    /// <summary>What a damaged log is mended from is let go of before it is mended.</summary>
    TrimsBeforeMended = 1 << 6,

    /// <summary>The memory of a record is used again before the disk has written it.</summary>
    ReusesUnwritten = 1 << 7,
}
