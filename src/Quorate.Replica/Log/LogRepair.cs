using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// The mending of a log of which a corrupt disk has lost a part (docs/decisions/0006). The node answers for the end it once had, its
/// claim, but builds its log up anew behind its snapshot: from decided data that it pulls, from what a leader appends, and from entries
/// that a peer proves to belong to the claim. What it could still read behind the hole waits aside until the log reaches it.
/// </summary>
/// <param name="claim">The end of the log as it was.</param>
/// <param name="aside">The entries that could be read behind the last hole, up to the claim without a gap; empty if there are none.</param>
/// <param name="position">The position of the record behind which the log is built up anew.</param>
internal sealed class LogRepair(LogEnd claim, IReadOnlyList<Entry> aside, long position)
{
    public LogEnd Claim { get; } = claim;

    public IReadOnlyList<Entry> Aside { get; } = aside;

    public long Position { get; } = position;

    /// <summary>
    /// The first entry of the claimed log that is surely known by name. Whoever holds it has the same prefix, for (index, ballot) names one.
    /// </summary>
    public LogEnd Anchor { get; } = aside.Count > 0 ? new LogEnd(aside[0].Index, aside[0].Ballot) : claim;

    /// <summary>
    /// Whether nothing of the claim is missing any more: the log has reached what waits aside, or is proven to be another one, in whose
    /// place an ordinary follower would have cut its own.
    /// </summary>
    /// <param name="log">The log as it is.</param>
    /// <param name="rest">What continues it from aside.</param>
    public bool IsSettledBy(GroupLog log, out IReadOnlyList<Entry> rest)
    {
        rest = [];
        LogEnd end = new(log.Last, log.LastBallot);
        if (end.IsAtLeast(Claim) || end.Index >= Claim.Index)
        {
            return true;
        }

        if (Aside.Count == 0 || end.Index + 1 < Anchor.Index)
        {
            return false;
        }

        // One ballot's entries stand behind one another in its leader's log: the one before the anchor, if it has the same ballot, is the
        // one that stood there.
        bool isJoined = end.Index + 1 == Anchor.Index;
        Ballot there = isJoined ? Anchor.Ballot : Aside[(int)(end.Index - Anchor.Index)].Ballot;
        if (there == end.Ballot)
        {
            rest = Aside.Skip((int)(end.Index + 1 - Anchor.Index)).ToList();
        }

        return there == end.Ballot || !isJoined;
    }

    /// <summary>The last entry of a log that is proven to belong to whatever ends with <paramref name="anchor"/>; 0 if none is.</summary>
    public static ulong LastProven(GroupLog log, LogEnd anchor)
    {
        ulong index = Math.Min(log.Last, anchor.Index);
        while (index >= log.First && log.BallotAt(index) > anchor.Ballot)
        {
            index--;
        }

        return index >= log.First && log.BallotAt(index) == anchor.Ballot ? index : 0;
    }
}
