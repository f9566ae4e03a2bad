using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class LimitTests
{
    [Fact]
    public void Commands_beyond_the_bound_are_refused_at_once_and_room_comes_back()
    {
        TestCluster cluster = new(3, new ReplicaOptions { MaxPendingCommands = 2 });
        TestNode leader = cluster.Leader;
        cluster.Copies = _ => 0;
        ulong first = cluster.Propose(leader, "a", "1");
        ulong second = cluster.Propose(leader, "b", "2");
        ulong third = cluster.Propose(leader, "c", "3");
        Assert.Equal((RequestError.TooManyRequests, false), leader.Refusals[third]);
        Assert.Single(leader.Refusals);
        cluster.Copies = _ => 1;
        cluster.AdvanceUntil(() => leader.Answers.ContainsKey(first) && leader.Answers.ContainsKey(second));
        Assert.Contains(cluster.Propose(leader, "d", "4"), leader.Answers.Keys);
        Assert.Null(Get(leader.State, "c"));
    }

    [Fact]
    public void Reads_beyond_the_bound_are_refused_at_once()
    {
        TestCluster cluster = new(3, new ReplicaOptions { MaxPendingReads = 2 });
        TestNode follower = cluster.Followers[0];
        cluster.CutOff(follower);
        cluster.AdvanceUntil(() => follower.Replica.Status.Protocol.Leader.IsNone);
        cluster.Read(follower);
        cluster.Read(follower);
        Assert.Empty(follower.Refusals);
        ulong third = cluster.Read(follower);
        Assert.Equal((RequestError.TooManyRequests, false), follower.Refusals[third]);
    }

    [Fact]
    public void A_command_that_is_too_large_is_refused_and_one_of_the_largest_size_is_not()
    {
        TestCluster cluster = new(1);
        TestNode node = cluster.Nodes[0];
        int room = new ReplicaOptions().MaxCommandBytes;
        byte[] largest = Put("k", new string('x', room - Put("k", new string('x', 1 << 20)).Length + (1 << 20)));
        Assert.Equal(room, largest.Length);
        Assert.Contains(cluster.Propose(node, largest), node.Answers.Keys);
        ulong tooLarge = cluster.Propose(node, [.. largest, 0]);
        Assert.Equal((RequestError.TooLarge, false), node.Refusals[tooLarge]);
    }

    [Fact]
    public void A_command_that_was_never_sent_surely_does_not_apply_after_its_time_is_over()
    {
        TestCluster cluster = new(3);
        TestNode follower = cluster.Followers[0];
        cluster.CutOff(follower);
        cluster.AdvanceUntil(() => follower.Replica.Status.Protocol.Leader.IsNone);
        ulong token = cluster.Propose(follower, "k", "v");
        cluster.Advance(6990);
        Assert.Empty(follower.Refusals);
        cluster.Advance(20);
        Assert.Equal((RequestError.NoLeader, false), follower.Refusals[token]);
        cluster.Reconnect(follower);
        cluster.Advance(3000);
        Assert.All(cluster.Nodes, node => Assert.Null(Get(node.State, "k")));
    }

    [Fact]
    public void A_command_that_was_proposed_may_still_apply_after_its_time_is_over()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        cluster.CutOff(old);
        ulong token = cluster.Propose(old, "k", "v");
        cluster.Advance(7100);
        Assert.True(old.Refusals[token].MayApply);
    }

    [Fact]
    public void A_command_that_was_taken_back_from_a_deposed_leader_surely_does_not_apply_unless_it_is_sent_again()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        cluster.CutOff(old);
        ulong token = cluster.Propose(old, "k", "v");
        cluster.AdvanceUntil(() => cluster.Nodes.Exists(node => node.Leads && node != old));

        // It learns that a later ballot has an entry, but nothing it sends gets through any more.
        cluster.Copies = frame => frame.From == old.Id && frame.Kind == FrameKind.Forward ? 0 : 1;
        cluster.Reconnect(old);
        cluster.AdvanceUntil(() => cluster.Sent.Exists(frame => frame.From == old.Id && frame.Kind == FrameKind.Forward));
        cluster.Advance(7100);
        Assert.Equal((RequestError.Timeout, true), old.Refusals[token]);
        Assert.All(cluster.Nodes, node => Assert.Null(Get(node.State, "k")));
    }

    [Fact]
    public void What_waits_for_a_slow_disk_before_it_is_said_is_bounded()
    {
        const int Repeats = HeldFrames.Capacity + 1000;
        TestCluster cluster = new(3);
        TestNode follower = cluster.Followers[0];
        follower.IsDiskSlow = true;
        cluster.Copies = frame => frame.To == follower.Id ? Repeats : 1;
        cluster.Propose(cluster.Leader, "k", "v");
        cluster.Copies = _ => 1;
        int before = cluster.Sent.Count;
        follower.IsDiskSlow = false;
        cluster.Settle();
        Assert.InRange(cluster.Sent.Skip(before).Count(frame => frame.From == follower.Id), HeldFrames.Capacity, Repeats - 1);
        cluster.AdvanceUntil(() => Get(follower.State, "k") == "v");
    }

    [Fact]
    public void A_batch_that_grows_too_large_becomes_several_entries_and_every_command_is_answered()
    {
        TestCluster cluster = new(3, new ReplicaOptions { MaxBatchBytes = 10_000 });
        TestNode follower = cluster.Followers[0];
        ulong last = cluster.Leader.Replica.Status.Last;
        for (ulong token = 1000; token < 1100; token++)
        {
            follower.Replica.Propose(token, Put($"k{token}", new string('x', 1000)));
        }

        cluster.Settle();
        Assert.Equal(100, follower.Answers.Count);
        Assert.InRange(cluster.Leader.Replica.Status.Last - last, 8UL, 20UL);
        Assert.Equal(cluster.Leader.State.StateHash, follower.State.StateHash);
    }
}
