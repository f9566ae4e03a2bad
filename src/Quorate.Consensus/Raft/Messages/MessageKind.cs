namespace Quorate.Consensus;

/// <summary>The first byte of a message. Values are never used again for something else.</summary>
internal enum MessageKind : byte
{
    VoteRequest = 1,
    VoteReply = 2,
    Append = 3,
    AppendAck = 4,
    AppendNack = 5,
    Heartbeat = 6,
    HeartbeatAck = 7,
    Behind = 8,
    TimeoutNow = 9,
    HigherRound = 10,
}
