using Quorate.Codec;

namespace Quorate.Consensus;

/// <summary>
/// Entries from the leader. Body: previous index (8), previous ballot (20), decided (8), count (4), then each entry:
/// a byte with the kind, its top bit set when a ballot (20) follows because it differs from the entry's before; payload
/// length (4); payload. Indexes follow the previous one.
/// </summary>
/// <param name="Configuration">The configuration it belongs to.</param>
/// <param name="Round">The sender's round.</param>
/// <param name="PreviousIndex">The entry before the first of <paramref name="Entries"/>.</param>
/// <param name="PreviousBallot">Its ballot, by which the follower knows whether its log fits.</param>
/// <param name="Decided">How far the leader knows the log decided.</param>
/// <param name="Entries">The entries; never changed once the message exists.</param>
internal sealed record Append(
    uint Configuration, ulong Round, ulong PreviousIndex, Ballot PreviousBallot, ulong Decided, Entry[] Entries)
    : RaftMessage(Configuration, Round)
{
    /// <summary>Set in an entry's kind byte when its ballot follows.</summary>
    internal const byte BallotFollows = 0x80;

    /// <summary>The least an entry takes.</summary>
    internal const int MinEntryBytes = 1 + 4;

    /// <summary>The index the follower's log reaches if it takes this message.</summary>
    public ulong LastIndex => PreviousIndex + (ulong)Entries.Length;

    protected override MessageKind Kind => MessageKind.Append;

    protected override void WriteBody(ByteWriter body)
    {
        body.UInt64(PreviousIndex);
        BallotCodec.Write(body, PreviousBallot);
        body.UInt64(Decided);
        body.UInt32((uint)Entries.Length);
        Ballot ballot = PreviousBallot;
        foreach (Entry entry in Entries)
        {
            bool same = entry.Ballot == ballot;
            body.Byte((byte)((byte)entry.Kind | (same ? 0 : BallotFollows)));
            if (!same)
            {
                ballot = entry.Ballot;
                BallotCodec.Write(body, ballot);
            }

            body.UInt32((uint)entry.Payload.Length);
            body.Raw(entry.Payload.Span);
        }
    }
}

/// <summary>The follower durably holds the leader's log up to an index. Body: match (8).</summary>
/// <param name="Configuration">The configuration it belongs to.</param>
/// <param name="Round">The sender's round.</param>
/// <param name="Match">That index.</param>
internal sealed record AppendAck(uint Configuration, ulong Round, ulong Match) : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.AppendAck;

    protected override void WriteBody(ByteWriter body) => body.UInt64(Match);
}

/// <summary>
/// The follower's log does not fit: it lacks the previous entry of an <see cref="Append"/>. It says where to try next and
/// proves nothing. Body: rejected (8), hint index (8), hint ballot (20).
/// </summary>
/// <param name="Configuration">The configuration it belongs to.</param>
/// <param name="Round">The sender's round.</param>
/// <param name="Rejected">The previous index of the message that did not fit.</param>
/// <param name="HintIndex">The last place of the follower's log that may fit.</param>
/// <param name="HintBallot">The ballot there.</param>
internal sealed record AppendNack(uint Configuration, ulong Round, ulong Rejected, ulong HintIndex, Ballot HintBallot)
    : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.AppendNack;

    protected override void WriteBody(ByteWriter body)
    {
        body.UInt64(Rejected);
        body.UInt64(HintIndex);
        BallotCodec.Write(body, HintBallot);
    }
}
