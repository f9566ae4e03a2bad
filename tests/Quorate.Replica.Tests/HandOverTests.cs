using Quorate.Consensus;
using Quorate.State;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class HandOverTests
{
    [Fact]
    public void A_leader_whose_disk_is_full_hands_over_and_its_clients_go_on()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        old.Replica.DiskSpace(isFull: true);
        cluster.AdvanceUntil(() => !old.Leads && cluster.Nodes.Exists(node => node.Leads));
        ulong token = cluster.Propose(cluster.Leader, "k", "v");
        cluster.AdvanceUntil(() => cluster.Leader.Answers.ContainsKey(token));
        Assert.IsType<PutResult>(cluster.Leader.Answers[token]);
    }

    [Fact]
    public void A_hand_over_takes_no_election_timeout()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        old.Replica.DiskSpace(isFull: true);
        cluster.Advance(100);
        Assert.NotSame(old, cluster.Leader);
    }

    [Fact]
    public void An_office_goes_to_the_voter_that_holds_most_of_the_log()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        TestNode behind = cluster.Followers[0];
        TestNode ahead = cluster.Followers[1];
        Assert.Equal(NodeId.None, behind.Replica.Successor());
        cluster.Copies = frame => frame.To == behind.Id ? 0 : 1;
        cluster.Propose(old, "k", "v");
        Assert.Equal(ahead.Id, old.Replica.Successor());
        old.Replica.DiskSpace(isFull: true);
        cluster.Advance(100);
        Assert.Same(ahead, cluster.Leader);
    }

    [Fact]
    public void An_office_that_one_voter_does_not_take_is_offered_to_the_next()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        TestNode deaf = cluster.Node(old.Replica.Successor());
        cluster.Copies = frame => frame.To == deaf.Id ? 0 : 1;
        old.Replica.DiskSpace(isFull: true);
        cluster.Advance(500);
        Assert.True(old.Leads);
        cluster.Advance(700);
        Assert.True(cluster.Followers.TrueForAll(node => node == old || node == deaf));
    }

    [Fact]
    public void A_follower_whose_disk_is_full_changes_nothing()
    {
        TestCluster cluster = new(3);
        TestNode leader = cluster.Leader;
        cluster.Followers[0].Replica.DiskSpace(isFull: true);
        cluster.Advance(3000);
        Assert.Same(leader, cluster.Leader);
    }

    [Fact]
    public void A_leader_whose_disk_has_space_again_keeps_its_office()
    {
        TestCluster cluster = new(3);
        TestNode leader = cluster.Leader;
        leader.Replica.DiskSpace(isFull: true);
        leader.Replica.DiskSpace(isFull: false);
        cluster.Advance(3000);
        Assert.Same(leader, cluster.Leader);
    }

    [Fact]
    public void A_single_node_whose_disk_is_full_stays_what_it_is()
    {
        TestCluster cluster = new(1);
        cluster.Leader.Replica.DiskSpace(isFull: true);
        cluster.Advance(3000);
        Assert.True(cluster.Nodes[0].Leads);
    }

    [Fact]
    public void Own_commands_that_come_while_an_office_is_handed_over_are_applied_once_by_the_next_leader()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        cluster.Copies = frame => frame.From == old.Id ? 0 : 1;
        old.Replica.TransferTo(cluster.Followers[0].Id);
        ulong token = cluster.Propose(old, "k", "v");
        Assert.Empty(old.Answers);
        cluster.Copies = _ => 1;
        cluster.AdvanceUntil(() => old.Answers.ContainsKey(token));
        Assert.All(cluster.Nodes, node => Assert.Equal(1, node.State.Get(Bytes("k"))?.Version ?? 1));
        Assert.Empty(old.Refusals);
    }

    [Fact]
    public void Own_commands_are_proposed_after_a_hand_over_that_failed()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        TestNode target = cluster.Followers[0];
        cluster.CutOff(target);
        old.Replica.TransferTo(target.Id);
        ulong token = cluster.Propose(old, "k", "v");
        Assert.Empty(old.Answers);
        cluster.AdvanceUntil(() => old.Answers.ContainsKey(token));
        Assert.True(old.Leads);
        Assert.Equal(1, old.State.Get(Bytes("k"))!.Version);
    }
}
