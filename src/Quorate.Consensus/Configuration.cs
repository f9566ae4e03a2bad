namespace Quorate.Consensus;

/// <summary>The way a group replicates its log.</summary>
public enum ProtocolKind : byte
{
    /// <summary>Raft (Ongaro, 2014).</summary>
    Raft = 1,
}

/// <summary>What a member takes part in.</summary>
public enum MemberRole : byte
{
    /// <summary>Takes part in decisions.</summary>
    Voter = 1,

    /// <summary>Only follows what was decided.</summary>
    Learner = 2,
}

/// <summary>One member of a configuration.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Name">Its name, unique in the cluster.</param>
/// <param name="PeerAddress">HOST:PORT at which its peers reach it.</param>
/// <param name="ClientUrl">URL at which clients reach it.</param>
/// <param name="Role">What it takes part in.</param>
public sealed record Member(NodeId Id, string Name, string PeerAddress, string ClientUrl, MemberRole Role);

/// <summary>What a group is during one stretch of its log.</summary>
/// <param name="Number">1 for the founding configuration, then one more for each stop-sign.</param>
/// <param name="Protocol">The protocol that decides in it.</param>
/// <param name="Members">Its members in ascending order of <see cref="Member.Id"/>.</param>
/// <param name="FirstLeader">Whom its members have voted for by starting it; none for the founding one.</param>
/// <param name="StartsAfter">The index of the stop-sign that carried it; 0 for the founding one.</param>
/// <param name="FeatureLevel">Gates how commands are applied, so that a rolling upgrade never forks the state.</param>
public sealed record Configuration(
    uint Number,
    ProtocolKind Protocol,
    IReadOnlyList<Member> Members,
    NodeId FirstLeader,
    ulong StartsAfter,
    uint FeatureLevel)
{
    /// <summary>The member with this identity, or <see langword="null"/>.</summary>
    public Member? Find(NodeId id)
    {
        foreach (Member member in Members)
        {
            if (member.Id == id)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>How many members vote.</summary>
    public int VoterCount
    {
        get
        {
            int count = 0;
            foreach (Member member in Members)
            {
                count += member.Role == MemberRole.Voter ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>The size of a majority of the voters.</summary>
    public int Quorum => (VoterCount / 2) + 1;
}
