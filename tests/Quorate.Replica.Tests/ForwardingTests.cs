using Quorate.Codec;
using Quorate.Consensus;
using Quorate.State;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class ForwardingTests
{
    private readonly TestCluster _cluster = new(3);
    private readonly List<Frame> _kept = [];

    private TestNode Follower => _cluster.Followers[0];

    [Fact]
    public void A_command_at_a_follower_is_answered_when_the_follower_has_applied_it()
    {
        TestNode follower = Follower;
        _cluster.Copies = frame => frame.To == follower.Id ? 0 : 1;
        ulong token = _cluster.Propose(follower, "k", "v");
        Assert.Equal("v", Get(_cluster.Leader.State, "k"));
        Assert.Empty(follower.Answers);
        _cluster.Copies = _ => 1;
        _cluster.AdvanceUntil(() => follower.Answers.ContainsKey(token));
        Assert.Equal("v", Get(follower.State, "k"));
    }

    [Fact]
    public void A_follower_learns_of_a_decision_at_once_and_not_with_the_next_heartbeat()
    {
        ulong token = _cluster.Propose(Follower, "k", "v");
        Assert.Contains(token, Follower.Answers.Keys);
    }

    [Fact]
    public void A_leader_without_a_quorum_answers_nothing()
    {
        TestNode leader = _cluster.Leader;
        _cluster.Copies = _ => 0;
        _cluster.Propose(leader, "k", "v");
        Assert.Empty(leader.Answers);
        Assert.Null(Get(leader.State, "k"));
    }

    [Fact]
    public void A_forwarded_command_is_applied_once_although_its_frame_is_repeated()
    {
        _cluster.Copies = frame => frame.Kind == FrameKind.Forward ? 3 : 1;
        ulong token = _cluster.Propose(Follower, "k", "v");
        Assert.Contains(token, Follower.Answers.Keys);
        _cluster.Advance(200);
        AssertWrittenOnce("k");
        Assert.Equal(3, _cluster.Nodes.Count(node => Get(node.State, "k") == "v"));
    }

    [Fact]
    public void A_forward_that_was_lost_is_sent_again_under_the_same_ballot_and_applied_once()
    {
        TestNode follower = Follower;
        LoseForwards();
        ulong token = _cluster.Propose(follower, "k", "v");
        _cluster.Copies = _ => 1;
        _cluster.Advance(2100);
        Assert.Contains(token, follower.Answers.Keys);
        Frame late = Assert.Single(_kept);
        Assert.All(_cluster.Sent.Where(frame => frame.Kind == FrameKind.Forward), frame => Assert.Equal(late.Bytes, frame.Bytes));
        Assert.True(_cluster.Leader.Replica.Receive(late.From, late.Bytes));
        _cluster.Advance(300);
        AssertWrittenOnce("k");
    }

    [Fact]
    public void A_new_connection_to_the_leader_carries_at_once_what_was_lost_with_the_old_one()
    {
        TestNode follower = Follower;
        LoseForwards();
        ulong token = _cluster.Propose(follower, "k", "v");
        _cluster.CutOff(follower);
        _cluster.Copies = _ => 1;
        _cluster.Reconnect(follower);
        _cluster.Settle();
        Assert.Contains(token, follower.Answers.Keys);
    }

    [Fact]
    public void What_is_sent_again_while_it_is_under_way_is_taken_once()
    {
        TestNode leader = _cluster.Leader;
        TestNode follower = Follower;
        _cluster.Copies = frame => frame.To == follower.Id ? 0 : 1;
        ulong token = _cluster.Propose(follower, "k", "v");
        for (int i = 0; i < 5; i++)
        {
            follower.Replica.Connected(leader.Id);
            _cluster.Settle();
        }

        Assert.Equal(6, _cluster.Sent.Count(frame => frame.Kind == FrameKind.Forward));
        _cluster.Copies = _ => 1;
        _cluster.AdvanceUntil(() => follower.Answers.ContainsKey(token));
        AssertWrittenOnce("k");
    }

    [Fact]
    public void A_forward_that_came_during_a_hand_over_that_failed_is_applied_after_it()
    {
        TestNode leader = _cluster.Leader;
        TestNode follower = Follower;
        TestNode target = _cluster.Followers[1];
        _cluster.CutOff(target);
        leader.Replica.TransferTo(target.Id);
        ulong token = _cluster.Propose(follower, "k", "v");
        _cluster.Advance(900);
        Assert.Empty(follower.Answers);
        _cluster.Advance(1500);
        Assert.True(leader.Leads);
        Assert.Contains(token, follower.Answers.Keys);
        AssertWrittenOnce("k");
    }

    [Fact]
    public void A_forward_that_was_refused_for_good_is_not_taken_when_it_comes_again()
    {
        TestCluster cluster = new(3, new ReplicaOptions { MaxGatherTime = TimeSpan.Zero, Raft = new RaftOptions { MaxUndecidedBytes = 100 } });
        TestNode leader = cluster.Leader;
        TestNode follower = cluster.Followers[0];
        cluster.Copies = frame => frame.To == leader.Id && frame.Kind == FrameKind.Protocol ? 0 : 1;
        cluster.Propose(leader, "first", new string('x', 100));
        ulong token = cluster.Propose(follower, "k", "v");
        Assert.Equal((RequestError.TooManyRequests, false), follower.Refusals[token]);

        cluster.Copies = _ => 1;
        cluster.AdvanceUntil(() => Get(leader.State, "first") is not null);
        Frame refused = Assert.Single(cluster.Sent, frame => frame.Kind == FrameKind.Forward);
        Assert.True(leader.Replica.Receive(refused.From, refused.Bytes));
        cluster.Advance(300);
        Assert.All(cluster.Nodes, node => Assert.Null(Get(node.State, "k")));
    }

    [Fact]
    public void A_refusal_under_another_ballot_than_the_command_is_under_way_under_is_not_believed()
    {
        TestNode follower = Follower;
        LoseForwards();
        ulong token = _cluster.Propose(follower, "k", "v");
        Ballot ballot = follower.Replica.Status.Protocol.Ballot;
        Refuse(ballot with { Round = ballot.Round - 1 });
        Assert.Empty(follower.Refusals);
        Refuse(ballot);
        Assert.Equal((RequestError.TooManyRequests, false), follower.Refusals[token]);

        void Refuse(Ballot under)
        {
            ByteWriter writer = new();
            writer.Byte((byte)FrameKind.ForwardRefused);
            RecordCodec.WriteBallot(writer, under);
            writer.Varint(follower.Replica.Identity.Boot);
            writer.Varint(1);
            Assert.True(follower.Replica.Receive(_cluster.Leader.Id, writer.ToArray()));
        }
    }

    [Fact]
    public void The_turn_that_applies_a_later_ballots_entry_asks_for_another_to_send_again()
    {
        TestNode old = _cluster.Leader;
        TestNode follower = Follower;
        LoseForwards();
        _cluster.Propose(follower, "k", "v");
        _cluster.CutOff(old);
        Queue<Frame> inbox = new();
        _cluster.Copies = frame =>
        {
            if (frame.To == follower.Id)
            {
                inbox.Enqueue(frame);
            }

            return frame.To == follower.Id ? 0 : 1;
        };
        bool asksForMore = false;
        for (ulong before = follower.Replica.Status.Applied; follower.Replica.Status.Applied == before;)
        {
            if (inbox.TryDequeue(out Frame? frame))
            {
                Assert.True(follower.Replica.Receive(frame.From, frame.Bytes));
                asksForMore = follower.Replica.Flush();
            }
            else
            {
                _cluster.Advance(10);
            }
        }

        Assert.True(asksForMore);
        follower.Replica.Flush();
        Assert.Equal(2, _cluster.Sent.Count(frame => frame.Kind == FrameKind.Forward));
    }

    [Fact]
    public void A_forward_under_an_old_ballot_is_dropped_and_sent_again_once_a_later_ballots_entry_is_applied()
    {
        TestNode old = _cluster.Leader;
        TestNode follower = Follower;
        LoseForwards();
        ulong token = _cluster.Propose(follower, "k", "v");
        Frame late = Assert.Single(_kept);
        _cluster.Copies = _ => 1;

        _cluster.CutOff(old);
        _cluster.AdvanceUntil(() => follower.Answers.ContainsKey(token));
        _cluster.Reconnect(old);
        _cluster.AdvanceUntil(() => Get(old.State, "k") == "v");

        // Now the frame that was thought lost arrives, everywhere.
        foreach (TestNode node in _cluster.Nodes.Where(node => node != follower))
        {
            Assert.True(node.Replica.Receive(late.From, late.Bytes));
        }

        _cluster.Advance(300);
        AssertWrittenOnce("k");
    }

    [Fact]
    public void A_frame_that_was_taken_under_one_ballot_and_is_repeated_under_the_next_is_dropped()
    {
        TestNode old = _cluster.Leader;
        TestNode follower = Follower;
        TestNode next = _cluster.Followers[1];
        ulong token = _cluster.Propose(follower, "k", "v");
        Assert.Contains(token, follower.Answers.Keys);
        Frame taken = Assert.Single(_cluster.Sent, frame => frame.Kind == FrameKind.Forward);
        old.Replica.TransferTo(next.Id);
        _cluster.AdvanceUntil(() => next.Leads);

        Assert.True(next.Replica.Receive(taken.From, taken.Bytes));
        _cluster.Advance(300);
        AssertWrittenOnce("k");
    }

    [Fact]
    public void Nothing_is_sent_again_before_an_entry_of_the_later_ballot_is_applied()
    {
        TestNode old = _cluster.Leader;
        TestNode follower = Follower;
        LoseForwards();
        _cluster.Propose(follower, "k", "v");
        _cluster.CutOff(old);

        // From the moment on at which there is a new leader, nothing of its ballot becomes durable at the follower, so that
        // nothing is decided: the follower knows the leader and no more.
        Func<Frame, int> lose = _cluster.Copies;
        _cluster.Copies = frame =>
        {
            follower.IsDiskSlow |= _cluster.Nodes.Exists(node => node.Leads && node != old);
            return lose(frame);
        };
        _cluster.AdvanceUntil(() => follower.IsDiskSlow && !follower.Replica.Status.Protocol.Leader.IsNone);
        _cluster.Advance(500);
        Assert.False(follower.Replica.Status.Protocol.Leader.IsNone);
        Assert.Single(_kept);
        follower.IsDiskSlow = false;
        _cluster.Copies = _ => 1;
        _cluster.AdvanceUntil(() => follower.Answers.Count == 1);
        AssertWrittenOnce("k");
    }

    [Fact]
    public void A_command_of_an_earlier_incarnation_is_not_taken_behind_one_of_a_later()
    {
        TestNode follower = Follower;
        LoseForwards();
        _cluster.Propose(follower, "old", "v");
        Frame late = Assert.Single(_kept);
        _cluster.Copies = _ => 1;
        follower = _cluster.Restart(follower);
        _cluster.AdvanceUntil(() => follower.Replica.Status.Protocol.Leader == _cluster.Leader.Id);
        ulong token = _cluster.Propose(follower, "new", "v");
        Assert.Contains(token, follower.Answers.Keys);

        Assert.True(_cluster.Leader.Replica.Receive(late.From, late.Bytes));
        _cluster.Advance(300);
        Assert.Null(Get(_cluster.Leader.State, "old"));
    }

    [Fact]
    public void An_answer_meant_for_an_earlier_incarnation_reaches_nobody()
    {
        TestNode follower = Follower;
        _cluster.Copies = frame => frame.To == follower.Id ? 0 : 1;
        _cluster.Propose(follower, "k", "v");
        _cluster.Copies = _ => 1;
        follower = _cluster.Restart(follower);

        // The first command of the new incarnation has the counter of the old one's first.
        follower.Replica.Propose(777, Put("k2", "v2"));
        _cluster.AdvanceUntil(() => follower.Answers.ContainsKey(777));
        Assert.Equal("v", Get(follower.State, "k"));
        Assert.Equal("v2", Get(follower.State, "k2"));
        Assert.Equal(follower.State.Get(Bytes("k2"))!.ModRevision, follower.Answers[777].Revision);
    }

    [Fact]
    public void Commands_of_one_client_apply_in_the_order_in_which_they_came_across_a_change_of_leader()
    {
        TestNode old = _cluster.Leader;
        TestNode follower = Follower;
        LoseForwards();
        for (ulong i = 0; i < 20; i++)
        {
            _cluster.Propose(follower, "k", $"v{i}");
        }

        _cluster.Copies = _ => 1;
        _cluster.CutOff(old);
        _cluster.AdvanceUntil(() => follower.Answers.Count == 20);
        Assert.Equal("v19", Get(follower.State, "k"));
        long[] revisions = [.. follower.Answers.Values.Select(answer => answer.Revision)];
        Assert.Equal([.. revisions.Order()], revisions);
        Assert.Equal(20, follower.State.Get(Bytes("k"))!.Version);
    }

    [Fact]
    public void What_a_deposed_leader_proposed_in_vain_is_applied_once_by_the_next()
    {
        TestNode old = _cluster.Leader;
        _cluster.Copies = frame => frame.From == old.Id ? 0 : 1;
        ulong token = _cluster.Propose(old, "k", "v");
        _cluster.CutOff(old);
        _cluster.AdvanceUntil(() => _cluster.Nodes.Exists(node => node.Leads && node != old));
        _cluster.Copies = _ => 1;
        _cluster.Reconnect(old);
        _cluster.AdvanceUntil(() => old.Answers.ContainsKey(token));
        Assert.IsType<PutResult>(old.Answers[token]);
        AssertWrittenOnce("k");
    }

    [Fact]
    public void Damaged_frames_are_refused_and_break_nothing()
    {
        _cluster.Propose(Follower, "k", "v");
        _cluster.Read(Follower);
        SeededGenerator generator = new(3);
        TestNode target = _cluster.Leader;
        int refused = 0;
        foreach (Frame frame in _cluster.Sent.Where(frame => frame.Kind != FrameKind.Protocol).ToList())
        {
            foreach (byte[] prefix in Damage.Prefixes(frame.Bytes))
            {
                refused += target.Replica.Receive(Follower.Id, prefix) ? 0 : 1;
            }
        }

        Assert.False(target.Replica.Receive(Follower.Id, new byte[] { 200, (byte)generator.Next() }));
        Assert.True(refused > 20, $"{refused}");
        _cluster.Copies = _ => 1;
        ulong token = _cluster.Propose(_cluster.Leader, "after", "v");
        _cluster.AdvanceUntil(() => _cluster.Leader.Answers.ContainsKey(token));
    }

    private void LoseForwards() => _cluster.Copies = frame =>
    {
        if (frame.Kind == FrameKind.Forward)
        {
            _kept.Add(frame);
            return 0;
        }

        return 1;
    };

    private void AssertWrittenOnce(string key) =>
        Assert.All(_cluster.Nodes, node => Assert.True((node.State.Get(Bytes(key))?.Version ?? 0) <= 1, $"{node.Id} wrote it twice"));
}
