using System.Text;

namespace Quorate.Consensus.Tests;

/// <summary>How messages and entries look in a trace.</summary>
internal static class TraceText
{
    public static string Of(Entry entry) => entry.Kind == EntryKind.NoOp
        ? $"{entry.Index}.r{entry.Ballot.Round}"
        : $"{entry.Index}.r{entry.Ballot.Round}={Encoding.UTF8.GetString(entry.Payload.Span)}";

    public static string Of(RaftMessage message) => message switch
    {
        VoteRequest m => $"{m.Vote}Vote? r{m.Round} end {m.LastIndex}.r{m.LastBallot.Round}",
        VoteReply m => $"{(m.IsPreVote ? "PreVote" : "Vote")} {(m.Granted ? "yes" : "no")} r{m.Round}",
        Append m => $"Append r{m.Round} behind {m.PreviousIndex}.r{m.PreviousBallot.Round} decided {m.Decided} "
            + $"[{string.Join(' ', m.Entries.Select(Of))}]",
        AppendAck m => $"Ack r{m.Round} match {m.Match}",
        AppendNack m => $"Nack r{m.Round} at {m.Rejected} hint {m.HintIndex}.r{m.HintBallot.Round}",
        Heartbeat m => $"Heartbeat r{m.Round} decided {m.Decided} probe {m.Probe}",
        HeartbeatAck m => $"HeartbeatAck r{m.Round} probe {m.Probe}",
        Behind m => $"Behind r{m.Round} decided {m.Decided} first {m.First}",
        TimeoutNow m => $"TimeoutNow r{m.Round}",
        HigherRound m => $"HigherRound r{m.Round}",
        _ => throw new InvalidOperationException(message.GetType().Name),
    };
}
