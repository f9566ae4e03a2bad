namespace Quorate.Consensus;

/// <summary>
/// Planted bugs. Each breaks one rule of Raft; a test or a simulation that does not find it is no proof of anything.
/// </summary>
[Flags]
internal enum RaftPlants
{
    /// <summary>Nothing is broken.</summary>
    None = 0,

    /// <summary>Votes, and requests for them, leave before the ballots are durable (T1).</summary>
    VoteNotDurable = 1 << 0,

    /// <summary>Entries of older rounds are decided by counting (T2, figure 8 of the paper).</summary>
    OldTermCommit = 1 << 1,

    /// <summary>Barriers pass before the first entry of the leader's own round is decided (T3).</summary>
    BarrierBeforeFirstEntry = 1 << 2,

    /// <summary>Followers acknowledge entries that are not durable yet (T13).</summary>
    AckBeforeFlush = 1 << 3,

    /// <summary>An append cuts the follower's log behind its own last entry without a conflict (T11).</summary>
    ShortAppendTruncates = 1 << 4,

    /// <summary>The leader counts its own entries before its disk has answered (T14).</summary>
    LeaderCountsUndurableSelf = 1 << 5,

    /// <summary>Elections begin without a pre-vote, and nobody spares a live leader (T5, T6).</summary>
    PrevoteIgnored = 1 << 6,

    /// <summary>A follower takes the leader's decided index beyond what the message proved (T12).</summary>
    CommitBeyondMatch = 1 << 7,

    /// <summary>Decided entries are pulled without promising the ballot that decided them.</summary>
    PullUnpromised = 1 << 8,

    /// <summary>A node whose disk has lost a part of its log acknowledges all that it once held.</summary>
    AckBehindHole = 1 << 9,

    /// <summary>A node whose disk has lost a part of its log runs for leader.</summary>
    LeadsWithHole = 1 << 10,

    /// <summary>A node whose disk has lost a part of its log votes by what is left of it.</summary>
    VoteForgetsHole = 1 << 11,
}
