using Quorate.Codec;

namespace Quorate.Consensus;

/// <summary>
/// The leader is alive. Answered at once, never behind a disk (T36), because the answer promises nothing: it only says that
/// the follower knew no higher round when it got this. Body: decided (8), probe (8).
/// </summary>
/// <param name="Configuration">The configuration it belongs to.</param>
/// <param name="Round">The sender's round.</param>
/// <param name="Decided">What is decided and the follower is known to hold.</param>
/// <param name="Probe">Which question of this round it answers; 0 asks for no answer. Never used twice in a round (T3).</param>
internal sealed record Heartbeat(uint Configuration, ulong Round, ulong Decided, ulong Probe) : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.Heartbeat;

    protected override void WriteBody(ByteWriter body)
    {
        body.UInt64(Decided);
        body.UInt64(Probe);
    }
}

/// <summary>Answers a <see cref="Heartbeat"/>. Body: probe (8).</summary>
/// <param name="Configuration">The configuration it belongs to.</param>
/// <param name="Round">The sender's round.</param>
/// <param name="Probe">Its probe.</param>
internal sealed record HeartbeatAck(uint Configuration, ulong Round, ulong Probe) : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.HeartbeatAck;

    protected override void WriteBody(ByteWriter body) => body.UInt64(Probe);
}

/// <summary>
/// The follower needs entries that the leader no longer sends by the protocol; it is to pull what is decided. Body:
/// decided (8), first (8).
/// </summary>
/// <param name="Configuration">The configuration it belongs to.</param>
/// <param name="Round">The sender's round.</param>
/// <param name="Decided">How far there is something to pull.</param>
/// <param name="First">The oldest entry the leader can still send by the protocol.</param>
internal sealed record Behind(uint Configuration, ulong Round, ulong Decided, ulong First) : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.Behind;

    protected override void WriteBody(ByteWriter body)
    {
        body.UInt64(Decided);
        body.UInt64(First);
    }
}

/// <summary>The leader asks its successor to campaign at once (thesis, 3.10). No body.</summary>
internal sealed record TimeoutNow(uint Configuration, ulong Round) : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.TimeoutNow;
}

/// <summary>
/// A leader spoke under a round that is over. Without this answer a node that is ahead of its group's round, but not of its
/// log, would never be reached again (T5). No body.
/// </summary>
internal sealed record HigherRound(uint Configuration, ulong Round) : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.HigherRound;
}
