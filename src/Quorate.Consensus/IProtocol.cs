namespace Quorate.Consensus;

/// <summary>
/// A consensus protocol for one configuration: made from the configuration, a view of the log, the durable ballots and a
/// seeded generator; driven by inputs; answering only through <see cref="IEffects"/> (DESIGN §3). Single-threaded.
/// </summary>
public interface IProtocol
{
    /// <summary>Time has come to <paramref name="now"/>, which never runs backwards. Called at least every 10 ms or so.</summary>
    void Tick(Instant now);

    /// <summary>A message came from a member of the group; it may be old, repeated or out of order.</summary>
    void Receive(NodeId from, ProtocolMessage message);

    /// <summary>Asks for these payloads to become entries, in this order. Each is appended or refused before the call returns; their bytes are good until then.</summary>
    void Propose(IReadOnlyList<ReadOnlyMemory<byte>> commands);

    /// <summary>
    /// A member has a client who waits for what was proposed last: it is told at once when that is decided, even when nothing
    /// else goes to it. Others are told with what goes to them next, or a tick later.
    /// </summary>
    void Awaits(NodeId member);

    /// <summary>
    /// Asks for a proof that a read sees everything decided so far. Ids are never used twice in one incarnation.
    /// Many barriers asked for before the next <see cref="Flush"/> share one round.
    /// </summary>
    void Barrier(ulong id);

    /// <summary>
    /// The driver has handed over all inputs it had: time to send what was gathered (one message a peer, one barrier round).
    /// </summary>
    void Flush();

    /// <summary>Everything up to this position is on disk and flushed.</summary>
    void Durable(long position);

    /// <summary>
    /// Data decided by <paramref name="ballot"/> is about to be taken into the log: promises that ballot, without a vote, unless a higher one
    /// is promised already (DESIGN §3, rule 6). What was promised is in the log of records before what was decided under it.
    /// </summary>
    void Promise(Ballot ballot);

    /// <summary>
    /// Entries have come into the log that this protocol did not append, decided ones or those a corrupt disk had lost; the log view
    /// already shows them, and everything up to <paramref name="decided"/> is decided.
    /// </summary>
    void Installed(ulong decided);

    /// <summary>A connection to this node was closed: a hint, never a proof.</summary>
    void Disconnected(NodeId node);

    /// <summary>Asks the leader to hand over to <paramref name="node"/>; ignored by others.</summary>
    void TransferTo(NodeId node);

    /// <summary>How much of this leader's log a member is known to hold durably: an index; 0 for strangers, and on nodes that do not lead.</summary>
    ulong HeldBy(NodeId node);

    /// <summary>A reading of what the protocol believes, for status, metrics and oracles.</summary>
    ProtocolStatus Status { get; }
}
