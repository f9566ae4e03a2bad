using Quorate.Consensus;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

/// <summary>Group commit: who writes beside others shares an entry with them, who writes alone waits for nobody.</summary>
public sealed class GatheringTests
{
    private readonly TestCluster _cluster = new(3);

    [Fact]
    public void Who_writes_alone_does_not_wait()
    {
        for (int i = 0; i < 5; i++)
        {
            ulong token = _cluster.Propose(_cluster.Leader, "k", $"{i}");
            Assert.Contains(token, _cluster.Leader.Answers.Keys);
        }
    }

    [Fact]
    public void What_comes_while_a_batch_is_on_its_way_becomes_one_entry_behind_it()
    {
        TestNode leader = _cluster.Leader;
        ulong before = leader.Replica.Status.Last;
        _cluster.Copies = frame => frame.Kind == FrameKind.Protocol && frame.To == leader.Id ? 0 : 1;
        _cluster.Propose(leader, "first", "v");
        _cluster.Propose(leader, "second", "v");
        _cluster.Propose(_cluster.Followers[0], "third", "v");
        Assert.Equal(before + 1, leader.Replica.Status.Last);
        Assert.Equal(_cluster.Now + new ReplicaOptions().MaxGatherTime, leader.Replica.FlushAt);

        _cluster.Copies = _ => 1;
        _cluster.AdvanceUntil(() => _cluster.Nodes.TrueForAll(node => Get(node.State, "third") == "v"));
        Assert.Equal((before + 2, (Instant?)null), (leader.Replica.Status.Last, leader.Replica.FlushAt));
        Assert.Equal("v", Get(leader.State, "second"));
    }

    [Fact]
    public void A_batch_waits_no_longer_than_its_time_although_nothing_before_it_is_decided()
    {
        TestNode leader = _cluster.Leader;
        ulong before = leader.Replica.Status.Last;
        _cluster.Copies = frame => frame.To == leader.Id ? 0 : 1;
        _cluster.Propose(leader, "first", "v");
        _cluster.Propose(leader, "second", "v");
        leader.Replica.Advance(leader.Replica.FlushAt!.Value);
        _cluster.Settle();
        Assert.Equal(before + 2, leader.Replica.Status.Last);
    }

    [Fact]
    public void A_leader_that_steps_down_proposes_nothing_that_it_had_gathered_and_its_clients_are_served_by_the_next()
    {
        TestNode leader = _cluster.Leader;
        _cluster.Copies = frame => frame.To == leader.Id ? 0 : 1;
        _cluster.Propose(leader, "first", "v");
        ulong token = _cluster.Propose(leader, "second", "v");
        Assert.NotNull(leader.Replica.FlushAt);
        _cluster.CutOff(leader);
        _cluster.AdvanceUntil(() => _cluster.HasLeader);
        _cluster.Copies = _ => 1;
        _cluster.Reconnect(leader);
        _cluster.AdvanceUntil(() => leader.Answers.ContainsKey(token));
        Assert.All(_cluster.Nodes, node => Assert.Equal("v", Get(node.State, "second")));
    }

    [Fact]
    public void A_batch_is_as_large_as_the_one_before_it_or_when_others_have_come_as_old_as_it_may_become()
    {
        Gathering gathering = new(TimeSpan.FromMilliseconds(3), enough: 64);
        Instant start = new(1_000_000);
        gathering.Proposed(index: 10, count: 4, start);
        Assert.True(gathering.Waits(3, decided: 10, start));
        Assert.False(gathering.Waits(4, decided: 10, start));
        Assert.True(gathering.Waits(4, decided: 9, start));
        Assert.True(gathering.Waits(4, decided: 10, start));
        Assert.False(gathering.Waits(64, decided: 9, start));
        Assert.False(gathering.Waits(1, decided: 9, gathering.Until));
    }
}
