using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class ReadTests
{
    private readonly TestCluster _cluster = new(3);
    private readonly List<Frame> _kept = [];

    [Fact]
    public void A_read_at_any_node_sees_what_was_answered_before_it()
    {
        foreach (TestNode node in _cluster.Nodes)
        {
            _cluster.Propose(_cluster.Leader, "k", $"{node.Id}");
            ulong read = _cluster.Read(node);
            Assert.Equal($"{node.Id}", Get(node.Reads[read], "k"));
        }
    }

    [Fact]
    public void A_read_waits_until_its_node_has_applied_what_the_barrier_proved()
    {
        TestNode follower = _cluster.Followers[0];
        Keep(frame => frame.To == follower.Id && frame.Kind == FrameKind.Protocol);
        _cluster.Propose(_cluster.Leader, "k", "v");
        ulong read = _cluster.Read(follower);
        Assert.Contains(_cluster.Sent, frame => frame.Kind == FrameKind.BarrierAnswer);
        Assert.Empty(follower.Reads);
        _cluster.Copies = _ => 1;
        _cluster.AdvanceUntil(() => follower.Reads.ContainsKey(read));
        Assert.Equal("v", Get(follower.Reads[read], "k"));
    }

    [Fact]
    public void A_leader_that_a_quorum_no_longer_follows_serves_no_read()
    {
        TestNode old = _cluster.Leader;
        Keep(frame => frame.From == old.Id || frame.To == old.Id);
        ulong read = _cluster.Read(old);
        Assert.True(old.Leads);
        Assert.Empty(old.Reads);
        _cluster.AdvanceUntil(() => _cluster.Nodes.Exists(node => node.Leads && node != old));
        TestNode next = _cluster.Nodes.First(node => node.Leads && node != old);
        ulong write = _cluster.Propose(next, "k", "new");
        _cluster.AdvanceUntil(() => next.Answers.ContainsKey(write));
        Assert.Empty(old.Reads);
        _cluster.Copies = _ => 1;
        _cluster.AdvanceUntil(() => old.Reads.ContainsKey(read));
        Assert.Equal("new", Get(old.Reads[read], "k"));
    }

    [Fact]
    public void A_barrier_without_an_answer_is_asked_for_again_under_a_new_id_and_a_late_answer_proves_nothing()
    {
        TestNode follower = _cluster.Followers[0];
        Keep(frame => frame.Kind == FrameKind.BarrierAnswer);
        ulong read = _cluster.Read(follower);
        _cluster.Advance(700);
        byte[][] asks = [.. _cluster.Sent.Where(frame => frame.Kind == FrameKind.BarrierAsk).Select(frame => frame.Bytes)];
        Assert.Equal(2, asks.Length);
        Assert.NotEqual(asks[0], asks[1]);

        Frame late = _kept[0];
        Assert.True(follower.Replica.Receive(late.From, late.Bytes));
        _cluster.Settle();
        Assert.Empty(follower.Reads);
        Frame right = _kept[1];
        Assert.True(follower.Replica.Receive(right.From, right.Bytes));
        _cluster.Settle();
        Assert.Contains(read, follower.Reads.Keys);
    }

    [Fact]
    public void A_repeated_question_and_a_repeated_answer_answer_a_read_once()
    {
        // That nothing is answered twice is checked by the node itself.
        _cluster.Copies = frame => frame.Kind is FrameKind.BarrierAsk or FrameKind.BarrierAnswer ? 2 : 1;
        ulong read = _cluster.Read(_cluster.Followers[0]);
        _cluster.Advance(1000);
        Assert.Contains(read, _cluster.Followers[0].Reads.Keys);
    }

    [Fact]
    public void Reads_that_came_together_share_a_barrier()
    {
        TestNode follower = _cluster.Followers[0];
        for (ulong token = 1000; token < 1100; token++)
        {
            follower.Replica.Read(token);
        }

        _cluster.Settle();
        Assert.Equal(100, follower.Reads.Count);
        Assert.Single(_cluster.Sent, frame => frame.Kind == FrameKind.BarrierAsk);
    }

    [Fact]
    public void A_read_without_a_leader_is_refused_when_its_time_is_over_and_not_before()
    {
        TestNode follower = _cluster.Followers[0];
        _cluster.CutOff(follower);
        _cluster.AdvanceUntil(() => follower.Replica.Status.Protocol.Leader.IsNone);
        ulong read = _cluster.Read(follower);
        _cluster.Advance(6990);
        Assert.Empty(follower.Refusals);
        _cluster.Advance(20);
        Assert.Equal((RequestError.NoLeader, false), follower.Refusals[read]);
    }

    [Fact]
    public void Reads_whose_barriers_were_lost_are_refused_each_when_its_time_is_over()
    {
        TestNode follower = _cluster.Followers[0];
        Keep(frame => frame.Kind == FrameKind.BarrierAsk);
        ulong[] reads = new ulong[4];
        for (int i = 0; i < reads.Length; i++)
        {
            reads[i] = _cluster.Read(follower);
            _cluster.Advance(100);
        }

        _cluster.Advance(6590);
        for (int refused = 1; refused <= reads.Length; refused++)
        {
            Assert.Equal(refused - 1, follower.Refusals.Count);
            _cluster.Advance(20);
            Assert.Equal(reads[..refused], follower.Refusals.Keys);
            _cluster.Advance(80);
        }
    }

    [Fact]
    public void A_read_that_waits_for_a_new_leader_is_served_by_it()
    {
        TestNode old = _cluster.Leader;
        TestNode follower = _cluster.Followers[0];
        _cluster.Propose(old, "k", "v");
        _cluster.CutOff(old);
        ulong read = _cluster.Read(follower);
        _cluster.AdvanceUntil(() => follower.Reads.ContainsKey(read));
        Assert.Equal("v", Get(follower.Reads[read], "k"));
    }

    private void Keep(Func<Frame, bool> which) => _cluster.Copies = frame =>
    {
        if (which(frame))
        {
            _kept.Add(frame);
            return 0;
        }

        return 1;
    };
}
