using Quorate.Codec;

namespace Quorate.Consensus;

/// <summary>What kind of vote is asked for.</summary>
internal enum VoteKind : byte
{
    /// <summary>Whether the vote would be given, without giving it (Ongaro's thesis, 9.6).</summary>
    Pre = 1,

    /// <summary>The vote.</summary>
    Ordinary = 2,

    /// <summary>The vote, asked for because the leader hands over: its being alive is no reason to refuse (thesis, 3.10).</summary>
    Transfer = 3,
}

/// <summary>Asks for a vote. Body: kind (1), last index (8), last ballot (20).</summary>
/// <param name="Configuration">The configuration it belongs to.</param>
/// <param name="Round">The round to be led.</param>
/// <param name="Vote">What kind of vote is asked for.</param>
/// <param name="LastIndex">The end of the candidate's log, durable unless this is a pre-vote.</param>
/// <param name="LastBallot">The ballot of that entry.</param>
internal sealed record VoteRequest(uint Configuration, ulong Round, VoteKind Vote, ulong LastIndex, Ballot LastBallot)
    : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.VoteRequest;

    protected override void WriteBody(ByteWriter body)
    {
        body.Byte((byte)Vote);
        body.UInt64(LastIndex);
        BallotCodec.Write(body, LastBallot);
    }
}

/// <summary>Answers a <see cref="VoteRequest"/>. Body: kind (1), granted (1: 0 or 1).</summary>
/// <param name="Configuration">The configuration it belongs to.</param>
/// <param name="Round">The round that was asked about when granted (T4), otherwise the voter's own.</param>
/// <param name="IsPreVote">Whether a pre-vote was asked for.</param>
/// <param name="Granted">Whether the vote is given.</param>
internal sealed record VoteReply(uint Configuration, ulong Round, bool IsPreVote, bool Granted) : RaftMessage(Configuration, Round)
{
    protected override MessageKind Kind => MessageKind.VoteReply;

    protected override void WriteBody(ByteWriter body)
    {
        body.Bool(IsPreVote);
        body.Bool(Granted);
    }
}
