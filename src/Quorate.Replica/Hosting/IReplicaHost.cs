using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Replica;

/// <summary>
/// What a replica asks of its driver: the node with real threads, or the simulator in virtual time. None of these calls back
/// into the replica; what they bring about comes later as an input.
/// </summary>
public interface IReplicaHost
{
    /// <summary>Writes a batch to the log of records and flushes it, in order with those before; answered by <see cref="Replica.Durable"/>.</summary>
    void Write(LogBatch batch);

    /// <summary>Reads records back for a peer; answered by <see cref="Replica.LogWasRead"/>, with none when it cannot be done.</summary>
    void ReadLog(LogRead read);

    /// <summary>
    /// Runs work on the disk, one piece after another, aside from the log; answered by <see cref="Replica.WorkDone"/> when its
    /// last step is over.
    /// </summary>
    void Run(DiskWork work);

    /// <summary>Lets go of the records below this position.</summary>
    void TrimLog(long position);

    /// <summary>Sends a frame to a peer; the bytes are copied before the call returns. Lost silently when there is no connection.</summary>
    void Send(NodeId peer, ReadOnlySpan<byte> frame);

    /// <summary>
    /// Sends a frame once everything up to a position is durable, in order among the frames so held (see
    /// <see cref="HeldFrames"/>); the bytes are copied before the call returns. The replica need not have heard of it before.
    /// </summary>
    void SendWhenDurable(NodeId peer, ReadOnlySpan<byte> frame, long after);

    /// <summary>The command behind this token was applied here, with this result.</summary>
    void Answer(ulong token, CommandResult result);

    /// <summary>The command or read behind this token is not served.</summary>
    void Refuse(ulong token, RequestError error, bool mayApply);

    /// <summary>The linearizable read behind this token may be served from this state.</summary>
    void ReadReady(ulong token, StateVersion state);

    /// <summary>New state is published; serializable reads see it from now on.</summary>
    void Published(StateVersion state);

    /// <summary>Who leads, as far as this node knows.</summary>
    void LeaderIs(NodeId leader, Ballot ballot);

    /// <summary>The configuration in force changed: connect to its members.</summary>
    void Configured(NodeIdentity identity, Configuration configuration);

    /// <summary>Something an operator should read.</summary>
    void Report(ReplicaEvent happened);
}
