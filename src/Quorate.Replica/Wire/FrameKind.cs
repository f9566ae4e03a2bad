namespace Quorate.Replica;

/// <summary>What a frame between two replicas carries: its first byte.</summary>
internal enum FrameKind : byte
{
    /// <summary>A message of the protocol, to the end.</summary>
    Protocol = 1,

    /// <summary>Commands for the leader: ballot, boot, then (counter, command) to the end.</summary>
    Forward = 2,

    /// <summary>A command the leader refuses for good, for it has too many: ballot, boot, counter.</summary>
    ForwardRefused = 3,

    /// <summary>A barrier is asked for: boot, id.</summary>
    BarrierAsk = 4,

    /// <summary>And answered: boot, id, 1 and the index, or 0 when it is lost.</summary>
    BarrierAnswer = 5,

    /// <summary>Decided entries are asked for.</summary>
    PullRequest = 6,

    /// <summary>Decided entries.</summary>
    PullEntries = 7,

    /// <summary>A hello, for founders that have not heard of the founding yet.</summary>
    Hello = 8,

    /// <summary>Entries asked for are gone, a snapshot stands in for them: deciding ballot, index, length of the file.</summary>
    SnapshotOffer = 9,

    /// <summary>A piece of a snapshot is asked for: index, offset.</summary>
    SnapshotAsk = 10,

    /// <summary>A piece of a snapshot: index, offset, bytes to the end.</summary>
    SnapshotChunk = 11,

    /// <summary>The hash of the sender's state: index, hash (16 bytes).</summary>
    StateHash = 12,

    /// <summary>
    /// Entries that a corrupt disk has lost are asked for, decided or not: the entry they follow, then one that the sender had behind them;
    /// each as index and ballot.
    /// </summary>
    RepairAsk = 13,

    /// <summary>Such entries: the two of the question, then the entries as in <see cref="PullEntries"/>.</summary>
    RepairEntries = 14,
}
