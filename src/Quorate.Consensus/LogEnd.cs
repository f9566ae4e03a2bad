namespace Quorate.Consensus;

/// <summary>The end of a log, by which elections compare nodes.</summary>
/// <param name="Index">The index of its last entry; 0 for an empty log.</param>
/// <param name="Ballot">The ballot of that entry.</param>
public readonly record struct LogEnd(ulong Index, Ballot Ballot)
{
    /// <summary>
    /// Whether a log that ends here is at least as up to date as one that ends at <paramref name="other"/>: the later round wins, then
    /// the longer log (Raft §5.4.1). The node part of a ballot never breaks a tie: one round has one leader.
    /// </summary>
    public bool IsAtLeast(LogEnd other)
    {
        int byBallot = Ballot.Configuration != other.Ballot.Configuration
            ? Ballot.Configuration.CompareTo(other.Ballot.Configuration)
            : Ballot.Round.CompareTo(other.Ballot.Round);
        return byBallot > 0 || (byBallot == 0 && Index >= other.Index);
    }
}
