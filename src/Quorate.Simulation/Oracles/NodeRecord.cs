using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>What the judge knows of one node, over all its lives.</summary>
internal sealed class NodeRecord(CanonicalLog canonical)
{
    /// <summary>The log as the replica has it.</summary>
    public ShadowLog Written { get; } = new(canonical);

    /// <summary>The log as the disk surely has it.</summary>
    public ShadowLog Durable { get; } = new(canonical);

    /// <summary>The log that its disk has lost a part of and that it answers for; <see langword="null"/> once it is mended.</summary>
    public ShadowLog? Claimed { get; set; }

    /// <summary>Batches that are written and perhaps on the disk.</summary>
    public Queue<ShadowBatch> Pending { get; } = new();

    /// <summary>Whom it said it votes for, by round.</summary>
    public Dictionary<ulong, NodeId> SaidVotes { get; } = [];

    /// <summary>Every entry its disk ever surely had, by its chain.</summary>
    public HashSet<ulong> EverDurable { get; } = [];

    /// <summary>The match of each peer as last checked.</summary>
    public SortedDictionary<NodeId, ulong> Matches { get; } = [];

    /// <summary>Whether it holds this entry and everything before it durably, or does not let anybody win an election who does not.</summary>
    public bool AnswersFor(ulong index, ulong chain) => Durable.Holds(index, chain) || (Claimed?.Holds(index, chain) ?? false);

    public uint Boot { get; set; }

    public ulong Decided { get; set; }

    public ulong Applied { get; set; }

    /// <summary>The ballot it leads under, or zero.</summary>
    public Ballot Leads { get; set; }

    /// <summary>Leaderships of this turn that are still to be judged.</summary>
    public List<Ballot> NewLeaderships { get; } = [];
}
