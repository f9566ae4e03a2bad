namespace Quorate.Consensus;

/// <summary>The part a node plays in its group.</summary>
public enum Role : byte
{
    /// <summary>Follows.</summary>
    Follower = 1,

    /// <summary>Asks whether an election could be won (Raft's pre-vote) or runs for leader.</summary>
    Candidate = 2,

    /// <summary>Leads.</summary>
    Leader = 3,

    /// <summary>Follows without a vote.</summary>
    Learner = 4,
}

/// <summary>What a protocol believes at one moment.</summary>
/// <param name="Role">The part this node plays.</param>
/// <param name="Leader">The leader it knows; none if it knows none.</param>
/// <param name="Ballot">The ballot of that leader, or this node's own round with no leader.</param>
/// <param name="Ballots">The ballots as last handed to <see cref="IEffects.SaveBallots"/>.</param>
public readonly record struct ProtocolStatus(Role Role, NodeId Leader, Ballot Ballot, Ballots Ballots);
