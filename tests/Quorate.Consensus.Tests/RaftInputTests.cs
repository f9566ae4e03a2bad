namespace Quorate.Consensus.Tests;

public sealed class RaftInputTests
{
    private static readonly Ballot LateBallot = new(1, 8, new NodeId(2));

    [Fact]
    public void Strangers_learners_and_members_of_another_configuration_get_no_vote()
    {
        TestCluster cluster = new(3, 1, new RaftOptions(), seed: 1);
        Raft raft = cluster.Nodes[0].Protocol!;
        raft.Receive(new NodeId(9), new VoteRequest(1, 9, VoteKind.Ordinary, 9, LateBallot));
        raft.Receive(new NodeId(4), new VoteRequest(1, 9, VoteKind.Ordinary, 9, LateBallot));
        raft.Receive(new NodeId(2), new VoteRequest(2, 9, VoteKind.Ordinary, 9, LateBallot));
        Assert.Equal(default, raft.Status.Ballots);

        raft.Receive(new NodeId(2), new VoteRequest(1, 9, VoteKind.Ordinary, 9, LateBallot));
        Assert.Equal(new Ballots(9, new NodeId(2), Ballot.Zero), raft.Status.Ballots);
    }

    [Fact]
    public void A_second_leader_of_one_round_stops_the_node()
    {
        TestCluster cluster = new(3, 0, new RaftOptions(), seed: 1);
        Raft raft = cluster.Nodes[0].Protocol!;
        raft.Receive(new NodeId(2), new Heartbeat(1, 3, 0, 1));
        Assert.Throws<InvariantException>(() => raft.Receive(new NodeId(3), new Heartbeat(1, 3, 0, 1)));
    }

    [Fact]
    public void A_leader_whose_log_differs_from_what_is_decided_stops_the_node()
    {
        TestCluster cluster = new(3, 0, new RaftOptions(), seed: 1);
        Raft raft = cluster.Nodes[0].Protocol!;
        Entry decided = new(1, new Ballot(1, 3, new NodeId(2)), EntryKind.NoOp, default);
        raft.Receive(new NodeId(2), new Append(1, 3, 0, Ballot.Zero, 0, [decided]));
        cluster.Nodes[0].Flush(cluster.Nodes[0].UnflushedRecords);
        cluster.Oracle.ConsequencesOnly = true;
        raft.Receive(new NodeId(2), new Heartbeat(1, 3, 1, 1));
        Entry other = decided with { Ballot = new Ballot(1, 4, new NodeId(3)) };
        Assert.Throws<InvariantException>(() => raft.Receive(new NodeId(3), new Append(1, 4, 0, Ballot.Zero, 0, [other])));
        Entry next = other with { Index = 2 };
        Assert.Throws<InvariantException>(() => raft.Receive(new NodeId(3), new Append(1, 4, 0, Ballot.Zero, 0, [other, next])));
    }

    [Fact]
    public void A_log_above_the_promised_round_stops_the_node()
    {
        TestCluster cluster = new(3, 0, new RaftOptions(), seed: 1);
        TestNode node = cluster.Nodes[0];
        node.Crash();
        node.DurableEntries.Add(new Entry(1, new Ballot(1, 7, new NodeId(2)), EntryKind.NoOp, default));
        Assert.Throws<InvariantException>(node.Start);
    }

    [Fact]
    public void A_promise_raises_the_round_without_a_vote_and_never_lowers_it()
    {
        TestCluster cluster = new(3, 0, new RaftOptions(), seed: 1);
        TestNode node = cluster.Nodes[0];
        foreach ((uint configuration, ulong round, ulong expected) in new (uint, ulong, ulong)[] { (1, 7, 7), (1, 6, 7), (2, 9, 7), (1, 8, 8) })
        {
            node.Protocol!.Promise(new Ballot(configuration, round, new NodeId(2)));
            Assert.Equal(new Ballots(expected, NodeId.None, Ballot.Zero), node.Protocol.Status.Ballots);
        }

        Assert.Equal(2, node.UnflushedRecords);
    }

    [Fact]
    public void Barriers_beyond_the_bound_are_lost_at_once()
    {
        List<string> trace = [];
        TestCluster cluster = new(1, 0, new RaftOptions { MaxPendingBarriers = 2 }, seed: 1, trace);
        TestNode node = cluster.Nodes[0];
        node.Tick(TimeSpan.Zero);
        node.Flush(1);
        foreach (ulong id in new ulong[] { 1, 2, 3 })
        {
            cluster.Oracle.OnBarrierAsked(node, id);
            node.Protocol!.Barrier(id);
        }

        Assert.Equal("  n1: barrier 3 lost", trace[^1]);
        node.Flush(1);
        node.Protocol!.Flush();
        Assert.Equal(["  n1: barrier 1 passed at 1", "  n1: barrier 2 passed at 1"], trace[^2..]);
    }

    [Fact]
    public void Time_that_runs_backwards_stops_the_node()
    {
        TestCluster cluster = new(3, 0, new RaftOptions(), seed: 1);
        Raft raft = cluster.Nodes[0].Protocol!;
        raft.Tick(new Instant(10));
        Assert.Throws<InvariantException>(() => raft.Tick(new Instant(9)));
    }
}
