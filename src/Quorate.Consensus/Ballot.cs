namespace Quorate.Consensus;

/// <summary>
/// One leadership of one incarnation (Raft says term, Paxos ballot, Zab epoch), totally ordered by
/// (configuration, round, node).
/// </summary>
/// <param name="Configuration">The number of the configuration the leadership belongs to; the first is 1.</param>
/// <param name="Round">The round; never falls along a log, across configurations neither.</param>
/// <param name="Node">The leader. In Raft and Zab one round has at most one leader, so it never breaks a tie.</param>
public readonly record struct Ballot(uint Configuration, ulong Round, NodeId Node) : IComparable<Ballot>
{
    /// <summary>Below every real ballot: the ballot of the empty log.</summary>
    public static readonly Ballot Zero;

    /// <inheritdoc/>
    public int CompareTo(Ballot other)
    {
        int byConfiguration = Configuration.CompareTo(other.Configuration);
        if (byConfiguration != 0)
        {
            return byConfiguration;
        }

        int byRound = Round.CompareTo(other.Round);
        return byRound != 0 ? byRound : Node.CompareTo(other.Node);
    }

    /// <summary>Whether <paramref name="left"/> is older.</summary>
    public static bool operator <(Ballot left, Ballot right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> is newer.</summary>
    public static bool operator >(Ballot left, Ballot right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> is older or the same.</summary>
    public static bool operator <=(Ballot left, Ballot right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> is newer or the same.</summary>
    public static bool operator >=(Ballot left, Ballot right) => left.CompareTo(right) >= 0;

    /// <summary>"c1.r7@8e9e05c52164694d": configuration, round, node.</summary>
    public override string ToString() => $"c{Configuration}.r{Round}@{Node}";
}
