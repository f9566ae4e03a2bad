namespace Quorate.Node;

/// <summary>Whether a command that failed may have taken effect.</summary>
public enum Outcome
{
    /// <summary>It did not and never will.</summary>
    NotApplied = 1,

    /// <summary>It may have, or may yet.</summary>
    Unknown = 2,
}

/// <summary>Why a group could not serve.</summary>
public enum GroupError
{
    /// <summary>Nobody leads, as far as this node knows.</summary>
    NoLeader = 1,

    /// <summary>It took longer than the request timeout.</summary>
    Timeout,

    /// <summary>It took longer than the request timeout, and the leader changed meanwhile.</summary>
    TimeoutLeaderFailed,

    /// <summary>The leader changed.</summary>
    LeaderChanged,

    /// <summary>Too much is waiting already.</summary>
    TooManyRequests,

    /// <summary>The request is larger than a log entry may be.</summary>
    RequestTooLarge,

    /// <summary>The logical size of the data has reached its quota, or the disk is full.</summary>
    NoSpace,

    /// <summary>The node is stopping.</summary>
    Stopped,

    /// <summary>This node does not lead.</summary>
    NotLeader,

    /// <summary>Leadership cannot go to that node.</summary>
    BadTransferTarget,

    /// <summary>The state of this node differs from the majority's, or its disk is corrupt: it does not serve.</summary>
    Corrupt,
}

/// <summary>A group did not serve a request.</summary>
/// <param name="error">Why.</param>
/// <param name="outcome">Whether it may have taken effect.</param>
/// <param name="message">For people: what happened, and the remedy where there is one.</param>
public sealed class GroupException(GroupError error, Outcome outcome, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public GroupError Error { get; } = error;

    /// <summary>Whether it may have taken effect.</summary>
    public Outcome Outcome { get; } = outcome;
}
