using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>What a disk held, ready to become a <see cref="Replica"/>; everything in it is durable.</summary>
public sealed class RecoveredReplica
{
    internal RecoveredReplica(NodeIdentity identity, IRecordLog records, GroupLog log, StateMachine machine)
    {
        Identity = identity;
        Records = records;
        Log = log;
        Machine = machine;
    }

    /// <summary>Who the node is; its boot number is durable.</summary>
    public NodeIdentity Identity { get; }

    /// <summary>The log of records, for the thread that writes it.</summary>
    public IRecordLog Records { get; }

    /// <summary>The state as of the snapshot it was recovered from.</summary>
    public StateMachine Machine { get; }

    /// <summary>The configuration in force; <see langword="null"/> before founding.</summary>
    public Configuration? Configuration { get; internal init; }

    internal GroupLog Log { get; }

    internal Ballots Ballots { get; init; }

    internal Ballot AppliedBallot { get; init; }

    internal long LastPosition => Records.LastPosition;
}
