namespace Quorate.Consensus;

/// <summary>The names under which planted bugs are switched on from a command line.</summary>
internal static class RaftPlantNames
{
    /// <summary>Every planted bug with its name.</summary>
    public static IReadOnlyList<(string Name, RaftPlants Plant)> All { get; } =
    [
        ("vote-not-durable", RaftPlants.VoteNotDurable),
        ("old-term-commit", RaftPlants.OldTermCommit),
        ("barrier-before-first-entry", RaftPlants.BarrierBeforeFirstEntry),
        ("ack-before-flush", RaftPlants.AckBeforeFlush),
        ("short-append-truncates", RaftPlants.ShortAppendTruncates),
        ("leader-counts-undurable-self", RaftPlants.LeaderCountsUndurableSelf),
        ("prevote-ignored", RaftPlants.PrevoteIgnored),
        ("commit-beyond-match", RaftPlants.CommitBeyondMatch),
        ("pull-unpromised", RaftPlants.PullUnpromised),
        ("ack-behind-hole", RaftPlants.AckBehindHole),
        ("leads-with-hole", RaftPlants.LeadsWithHole),
        ("vote-forgets-hole", RaftPlants.VoteForgetsHole),
    ];

    /// <summary>The planted bug of this name.</summary>
    public static bool TryParse(string name, out RaftPlants plant)
    {
        foreach ((string known, RaftPlants value) in All)
        {
            if (string.Equals(known, name, StringComparison.Ordinal))
            {
                plant = value;
                return true;
            }
        }

        plant = RaftPlants.None;
        return false;
    }
}
