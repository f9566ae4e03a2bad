using Quorate.Consensus;

namespace Quorate.Node;

/// <summary>What a node believes about its group at one moment.</summary>
/// <param name="ClusterId">The cluster; 0 before it is founded.</param>
/// <param name="NodeId">This node.</param>
/// <param name="Configuration">The configuration in force; <see langword="null"/> before founding.</param>
/// <param name="Role">The part this node plays.</param>
/// <param name="Leader">The leader it knows; none if it knows none.</param>
/// <param name="Round">The round of the last applied entry: etcd's <c>raft_term</c>.</param>
/// <param name="LastIndex">Index of the end of its log.</param>
/// <param name="DecidedIndex">Everything up to here is decided.</param>
/// <param name="AppliedIndex">Everything up to here is applied.</param>
/// <param name="LeaderlessFor">How long no leader has been known; zero while one is.</param>
/// <param name="LogDiskBytes">Bytes the segments of its log take on disk, those that wait to be written to included: not a measure of the data.</param>
/// <param name="QuotaBytes">The bound on the logical size of the data.</param>
/// <param name="Alarm">Why writes are refused or serving has stopped; empty when all is well.</param>
public sealed record GroupStatus(
    ulong ClusterId,
    NodeId NodeId,
    Configuration? Configuration,
    Role Role,
    NodeId Leader,
    ulong Round,
    ulong LastIndex,
    ulong DecidedIndex,
    ulong AppliedIndex,
    TimeSpan LeaderlessFor,
    long LogDiskBytes,
    long QuotaBytes,
    string Alarm);
