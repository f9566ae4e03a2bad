namespace Quorate.Consensus;

/// <summary>Why a proposal was not taken.</summary>
public enum RefusalReason
{
    /// <summary>This node does not lead.</summary>
    NotLeader = 1,

    /// <summary>The leader is handing its leadership over.</summary>
    Transferring = 2,

    /// <summary>Too much is proposed and not decided yet.</summary>
    Overloaded = 3,
}

/// <summary>
/// What a protocol wants done. The driver performs each effect at once on its in-memory log; what needs the disk is queued
/// in order and answered later by <see cref="IProtocol.Durable"/>. An implementation never calls back into the protocol.
/// </summary>
/// <remarks>
/// A <em>position</em> is the number of a record in the node's log of records: strictly rising, never used twice, across
/// cuts and restarts. It is not an index.
/// </remarks>
public interface IEffects
{
    /// <summary>
    /// Adds entries behind the end of the log; their indexes continue it without a gap. The list and the bytes of the payloads are
    /// good for this call only: the log keeps copies.
    /// </summary>
    /// <returns>The position of the last of them.</returns>
    long Append(IReadOnlyList<Entry> entries);

    /// <summary>Cuts the log: the entry at <paramref name="index"/> and everything behind it are gone. Never at or below <see cref="ILog.Decided"/>.</summary>
    /// <returns>The position of the record that says so.</returns>
    long TruncateFrom(ulong index);

    /// <summary>Saves the ballots.</summary>
    /// <returns>The position of the record that holds them.</returns>
    long SaveBallots(Ballots ballots);

    /// <summary>
    /// Sends a message once everything up to position <paramref name="after"/> is durable; 0 sends at once. Held messages keep
    /// their order among themselves; others may overtake them (DESIGN §3, rule 3). Lost silently if the peer cannot be reached.
    /// </summary>
    void Send(NodeId to, ProtocolMessage message, long after = 0);

    /// <summary>Everything up to <paramref name="upTo"/> is decided. Rises strictly.</summary>
    void Decided(ulong upTo);

    /// <summary>
    /// This node lacks decided entries from <paramref name="from"/> on that its peers no longer send by the protocol;
    /// the pull stream is to fetch them, from <paramref name="hint"/> first, and to report with <see cref="IProtocol.Promise"/> and
    /// <see cref="IProtocol.Installed"/>.
    /// Repeating it while a pull runs does no harm.
    /// </summary>
    void Need(ulong from, NodeId hint);

    /// <summary>These commands were not appended and never will be by this call. The list is good for this call only.</summary>
    void Refused(IReadOnlyList<ReadOnlyMemory<byte>> commands, RefusalReason reason);

    /// <summary>Every entry decided anywhere before barrier <paramref name="id"/> was asked for is at or below <paramref name="index"/>.</summary>
    void BarrierPassed(ulong id, ulong index);

    /// <summary>Barrier <paramref name="id"/> cannot be proved here (not the leader, or no longer).</summary>
    void BarrierLost(ulong id);

    /// <summary>
    /// Who leads, as far as this node knows: raised on every change, with <see cref="NodeId.None"/> when nobody is known.
    /// When it names this node, the ballot is the one commands are proposed under.
    /// </summary>
    void LeaderIs(NodeId node, Ballot ballot);
}
