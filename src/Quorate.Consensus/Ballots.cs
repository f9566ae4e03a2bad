namespace Quorate.Consensus;

/// <summary>
/// What a node must never forget about leaderships: saved as one record, and part of every batch header of the log.
/// </summary>
/// <param name="Round">The highest round it has heard of in this configuration (Raft: currentTerm). Never falls.</param>
/// <param name="VotedFor">Whom it voted for or promised in <paramref name="Round"/>; none if nobody yet.</param>
/// <param name="Accepted">Its vote for its whole log (Paxos, Zab); Raft has no need of it.</param>
public readonly record struct Ballots(ulong Round, NodeId VotedFor, Ballot Accepted);
