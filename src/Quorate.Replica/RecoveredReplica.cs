using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>What a disk held, ready to become a <see cref="Replica"/>; everything in it is durable.</summary>
public sealed class RecoveredReplica
{
    internal RecoveredReplica(NodeIdentity identity, IDisk disk, IRecordLog records, GroupLog log)
    {
        Identity = identity;
        Disk = disk;
        Records = records;
        Log = log;
    }

    /// <summary>Who the node is; its boot number is durable.</summary>
    public NodeIdentity Identity { get; }

    /// <summary>The log of records, for the thread that writes it.</summary>
    public IRecordLog Records { get; }

    /// <summary>The state as of the snapshot it was recovered from.</summary>
    public required StateMachine Machine { get; init; }

    /// <summary>The configuration in force; <see langword="null"/> before founding.</summary>
    public Configuration? Configuration { get; internal init; }

    /// <summary>What the disk had lost, whether or not it is missed; <see langword="null"/> if nothing.</summary>
    public string? Damage { get; internal init; }

    /// <summary>For people: "entries up to 1234, 5 MiB of them behind the 20 MiB of the snapshot of 1000".</summary>
    public string Describe() =>
        $"entries up to {Log.Last}, {LoggedBytes >> 20} MiB of them behind the {SnapshotBytes >> 20} MiB of the snapshot of {SnapshotIndex}";

    internal IDisk Disk { get; }

    internal GroupLog Log { get; }

    internal StateOptions StateOptions { get; init; } = new();

    internal ulong SnapshotIndex { get; init; }

    internal long SnapshotBytes { get; init; }

    /// <summary>Payload bytes logged since that snapshot.</summary>
    internal long LoggedBytes { get; init; }

    /// <summary>What is missing of the log and has to be fetched from peers; <see langword="null"/> if nothing is.</summary>
    internal LogRepair? Repair { get; init; }

    internal Ballots Ballots { get; init; }

    internal Ballot AppliedBallot { get; init; }

    internal long LastPosition => Records.LastPosition;
}
