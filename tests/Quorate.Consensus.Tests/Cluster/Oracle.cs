namespace Quorate.Consensus.Tests;

/// <summary>
/// Watches a cluster from outside and knows all its history. The rules are numbered as in DESIGN's facts (reliability, §2).
/// </summary>
internal sealed class Oracle(TestCluster cluster)
{
    private readonly Dictionary<ulong, string> _leaderByRound = [];
    private readonly Dictionary<(ulong Index, Ballot Ballot), (Ballot Previous, string Payload)> _proposed = [];
    private readonly Dictionary<(NodeId Voter, ulong Round), NodeId> _votes = [];
    private readonly Dictionary<(NodeId Node, ulong Id), ulong> _barriers = [];
    private readonly List<(Entry Entry, ulong Round)> _decided = [];

    /// <summary>Everything up to here was decided by some node at some time.</summary>
    public ulong Decided => (ulong)_decided.Count;

    public int Leaderships => _leaderByRound.Count;

    /// <summary>
    /// Leaves out the rules that look inside a node (R8 to R11, and that a quorum is durable), so that only what clients could
    /// notice is found.
    /// </summary>
    public bool ConsequencesOnly { get; set; }

    public int BarriersPassed { get; private set; }

    public void OnLeads(TestNode node, Ballot ballot)
    {
        string who = $"{node.Name}/{node.Incarnation}";
        Check(_leaderByRound.TryAdd(ballot.Round, who), "R1", $"{who} leads r{ballot.Round} after {_leaderByRound[ballot.Round]}");
        foreach ((Entry entry, ulong round) in _decided)
        {
            bool holds = round >= ballot.Round || (entry.Index <= node.Last && node.At(entry.Index).Ballot == entry.Ballot);
            Check(holds, "R4", $"{who} leads r{ballot.Round} without {TraceText.Of(entry)}");
        }
    }

    public void OnAppend(TestNode node, List<Entry> entries)
    {
        ulong first = entries[0].Index;
        Ballot previous = first == 1 ? Ballot.Zero : node.At(first - 1).Ballot;
        foreach (Entry entry in entries)
        {
            Check(entry.Ballot.Round >= previous.Round, "R7", $"{node.Name} rounds fall at {entry.Index}");
            string payload = TraceText.Of(entry);
            if (!_proposed.TryAdd((entry.Index, entry.Ballot), (previous, payload)))
            {
                Check(_proposed[(entry.Index, entry.Ballot)] == (previous, payload), "R3", $"{node.Name} holds another {payload}");
            }

            previous = entry.Ballot;
        }
    }

    public void OnTruncate(TestNode node, ulong index)
    {
        Check(index > node.Decided, "R11", $"{node.Name} cuts decided {index}");
        Check(node.Protocol!.Status.Role != Role.Leader, "R2", $"{node.Name} cuts while it leads");
        bool conflict = cluster.Receiving is Append append
            && append.Entries.Any(entry => entry.Index == index && entry.Ballot != node.At(index).Ballot);
        Check(conflict, "R11", $"{node.Name} cuts from {index} without a conflict there");
    }

    public void OnSaveBallots(TestNode node, Ballots ballots)
    {
        Ballots before = node.Protocol!.Status.Ballots;
        Check(ballots.Round >= before.Round, "R6", $"{node.Name} falls to r{ballots.Round}");
    }

    /// <summary>A message is handed to the driver, which holds it until <paramref name="after"/> is durable.</summary>
    public void OnSay(TestNode node, RaftMessage message, long after, long speaksFor) =>
        Check(speaksFor <= after, "R10", $"{node.Name} says {TraceText.Of(message)} before p{speaksFor} is durable");

    /// <summary>A message leaves.</summary>
    public void OnTransmit(TestNode from, NodeId to, RaftMessage message)
    {
        NodeId? vote = message switch
        {
            VoteReply { Granted: true, IsPreVote: false } => to,
            VoteRequest { Vote: not VoteKind.Pre } => from.Id,
            _ => null,
        };
        if (vote is { } given && !_votes.TryAdd((from.Id, message.Round), given))
        {
            Check(_votes[(from.Id, message.Round)] == given, "R6", $"{from.Name} votes twice in r{message.Round}");
        }
    }

    public void OnDecided(TestNode node, ulong upTo, bool pulled)
    {
        Ballots ballots = node.Protocol!.Status.Ballots;
        bool leads = node.Protocol.Status.Role == Role.Leader;
        Check(pulled || !leads || node.At(upTo).Ballot.Round == ballots.Round, "R8", $"{node.Name} decides {upTo} of an old round");
        for (ulong i = 1; i <= upTo; i++)
        {
            Entry entry = node.At(i);
            if (i > Decided)
            {
                _decided.Add((entry, ballots.Round));
                Check(DurableOnQuorum(entry), "R7", $"{node.Name} decides {TraceText.Of(entry)} that no quorum holds");
            }

            Check(_decided[(int)i - 1].Entry.Ballot == entry.Ballot, "R5", $"{node.Name} decides {TraceText.Of(entry)} differently");
        }
    }

    public void OnBarrierAsked(TestNode node, ulong id) => _barriers[(node.Id, id)] = Decided;

    public void OnBarrierPassed(TestNode node, ulong id, ulong index)
    {
        BarriersPassed++;
        Check(_barriers.Remove((node.Id, id), out ulong needed), "R14", $"{node.Name} passes barrier {id} that nobody asked for");
        Check(index >= needed, "R14", $"{node.Name} passes barrier {id} at {index} below {needed}");
    }

    public void OnBarrierLost(TestNode node, ulong id) => _barriers.Remove((node.Id, id));

    /// <summary>What must hold between any two steps.</summary>
    public void CheckState()
    {
        if (Decided > 0)
        {
            Check(DurableOnQuorum(_decided[^1].Entry), "R15", $"{Decided} is decided and no quorum holds it");
        }

        foreach (TestNode node in cluster.Nodes.Where(node => node.IsUp))
        {
            CheckMatches(node);
            foreach (TestNode other in cluster.Nodes.Where(other => other.IsUp && other.Decided > 0))
            {
                bool upToDate = Compare(node, other) >= 0;
                bool holds = !upToDate || (node.Last >= other.Decided && node.At(other.Decided).Ballot == other.At(other.Decided).Ballot);
                Check(holds, "R15", $"{node.Name} is more up to date than {other.Name} and lacks what is decided");
            }
        }
    }

    private void CheckMatches(TestNode leader)
    {
        if (leader.Protocol!.Status.Role != Role.Leader)
        {
            return;
        }

        foreach (Peer peer in leader.Protocol.Peers)
        {
            TestNode follower = cluster.Node(peer.Id);
            if (peer.Match > 0 && follower.DurableBallots.Round <= leader.Protocol.Status.Ballots.Round)
            {
                bool holds = (ulong)follower.DurableEntries.Count >= peer.Match
                    && follower.DurableEntries[(int)peer.Match - 1].Ballot == leader.At(peer.Match).Ballot;
                Check(holds, "R9", $"{leader.Name} believes that {follower.Name} holds {peer.Match}");
            }
        }
    }

    private static int Compare(TestNode left, TestNode right)
    {
        ulong leftRound = left.Last == 0 ? 0 : left.At(left.Last).Ballot.Round;
        ulong rightRound = right.Last == 0 ? 0 : right.At(right.Last).Ballot.Round;
        return leftRound != rightRound ? leftRound.CompareTo(rightRound) : left.Last.CompareTo(right.Last);
    }

    private bool DurableOnQuorum(Entry entry)
    {
        int holders = cluster.Nodes.Take(cluster.Configuration.VoterCount).Count(node =>
            (ulong)node.DurableEntries.Count >= entry.Index && node.DurableEntries[(int)entry.Index - 1].Ballot == entry.Ballot);
        return holders >= cluster.Configuration.Quorum;
    }

    private void Check(bool holds, string rule, string what)
    {
        if (!holds && !(ConsequencesOnly && rule is "R7" or "R8" or "R9" or "R10" or "R11" or "R15"))
        {
            throw new OracleException(rule, what);
        }
    }
}

/// <summary>A rule was broken.</summary>
internal sealed class OracleException(string rule, string what) : Exception($"{rule}: {what}")
{
    public string Rule { get; } = rule;
}
