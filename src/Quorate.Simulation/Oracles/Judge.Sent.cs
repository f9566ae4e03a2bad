using Quorate.Consensus;
using Quorate.Replica;

namespace Quorate.Simulation;

/// <content>R10, durable before said: what a message promises or quotes is on its sender's disk when it leaves.</content>
internal sealed partial class Judge
{
    public void OnSent(SimulatedNode node, SimulatedNode to, ReadOnlySpan<byte> frame)
    {
        bool isPromise = frame.Length > 1 && frame[0] == (byte)FrameKind.Protocol
            && frame[1] is (byte)MessageKind.VoteRequest or (byte)MessageKind.VoteReply or (byte)MessageKind.AppendAck;
        if (!isPromise)
        {
            return;
        }

        NodeRecord record = this[node];
        switch (RaftCodec.Decode(frame[1..].ToArray()))
        {
            case VoteRequest { Vote: not VoteKind.Pre } request:
                CheckVote(node, record, request.Round, node.Id);
                CheckQuoted(node, record, request.LastIndex, request.LastBallot);
                break;
            case VoteReply { IsPreVote: false, Granted: true } reply:
                CheckVote(node, record, reply.Round, to.Id);
                break;
            case AppendAck ack:
                CheckAck(node, record, ack, to);
                break;
        }
    }

    private static void CheckVote(SimulatedNode node, NodeRecord record, ulong round, NodeId candidate)
    {
        bool isFirst = record.SaidVotes.TryAdd(round, candidate);
        ViolationException.Require(isFirst || record.SaidVotes[round] == candidate, "R6", $"{node.Name} votes twice in round {round}");
        Ballots durable = record.Durable.Ballots;
        ViolationException.Require(
            durable.Round > round || (durable.Round == round && durable.VotedFor == candidate), "R10",
            $"{node.Name} says its vote of round {round}, but its disk says {durable}");
    }

    private void CheckQuoted(SimulatedNode node, NodeRecord record, ulong index, Ballot ballot)
    {
        bool isDurable = index == 0 || (_chains.TryGetValue((index, ballot), out ulong chain) && record.EverDurable.Contains(chain));
        ViolationException.Require(isDurable, "R10", $"{node.Name} quotes its log's end ({index}, {ballot}), which was never on its disk");
    }

    // The acknowledgement is about the log of the leader it goes to, in that leader's round.
    private void CheckAck(SimulatedNode node, NodeRecord record, AppendAck ack, SimulatedNode to)
    {
        ShadowLog leader = this[to].Written;
        if (ack.Match == 0 || this[to].Leads.Round != ack.Round || !to.IsUp)
        {
            return;
        }

        ViolationException.Require(ack.Match <= leader.Last, "R10", $"{node.Name} acknowledges {ack.Match} of {leader.Last}");
        ulong chain = leader.ChainAt(ack.Match);
        bool isDurable = record.Durable.Ballots.Round > ack.Round ? record.EverDurable.Contains(chain) : record.Durable.Holds(ack.Match, chain);
        ViolationException.Require(isDurable, "R10", $"{node.Name} acknowledges {ack.Match} of round {ack.Round}, which is not on its disk");
    }
}
