using System.Text;
using Quorate.Codec;

namespace Quorate.Replica.Tests;

public sealed class PullTests
{
    private readonly TestCluster _cluster = new(3, new ReplicaOptions { MaxLogBytesInMemory = 0 });

    [Fact]
    public void What_was_cut_is_never_told_although_it_still_stands_in_the_log_on_disk()
    {
        // What is told begins with an entry before the cut, so that what was cut lies between the records that count.
        // A leader that nobody hears writes three entries in vain; they are cut, and others stand at their place.
        TestNode old = _cluster.Leader;
        ulong first = old.Replica.Status.Last + 1;
        _cluster.Propose(old, "before", "v");
        _cluster.CutOff(old);
        for (int i = 0; i < 3; i++)
        {
            _cluster.Propose(old, $"k{i}", "in vain");
        }

        _cluster.AdvanceUntil(() => _cluster.Nodes.Exists(node => node.Leads && node != old));
        TestNode next = _cluster.Nodes.First(node => node.Leads && node != old);
        for (int i = 0; i < 3; i++)
        {
            ulong token = _cluster.Propose(next, $"j{i}", $"decided {i}");
            _cluster.AdvanceUntil(() => next.Answers.ContainsKey(token));
        }

        ulong decided = next.Replica.Status.Decided;

        // Its own commands would be forwarded and applied after all.
        _cluster.Copies = frame => frame.Kind == FrameKind.Forward ? 0 : 1;
        _cluster.Reconnect(old);
        _cluster.AdvanceUntil(() => old.Replica.Status.Applied >= decided);

        string told = Pull(old, next, first);
        Assert.All(Enumerable.Range(0, 3), i => Assert.Contains($"decided {i}", told));
        Assert.DoesNotContain("in vain", told);
    }

    [Fact]
    public void Only_what_is_decided_is_told()
    {
        TestNode leader = _cluster.Leader;
        ulong first = leader.Replica.Status.Last + 1;
        _cluster.Propose(leader, "k", "decided");
        _cluster.Copies = frame => frame.Kind == FrameKind.Protocol ? 0 : 1;
        _cluster.Propose(leader, "k", "open");
        string told = Pull(leader, _cluster.Followers[0], first);
        Assert.Contains("decided", told);
        Assert.DoesNotContain("open", told);
    }

    [Fact]
    public void A_node_that_knows_less_than_it_is_asked_for_says_nothing()
    {
        TestNode leader = _cluster.Leader;
        int before = _cluster.Sent.Count;
        Assert.True(leader.Replica.Receive(_cluster.Followers[0].Id, Request(leader.Replica.Status.Decided + 2)));
        _cluster.Settle();
        Assert.Equal(before, _cluster.Sent.Count);
    }

    /// <summary>What a node answers to a pull, as text.</summary>
    private string Pull(TestNode from, TestNode by, ulong first)
    {
        Assert.True(from.Replica.Receive(by.Id, Request(first)));
        int before = _cluster.Sent.Count;
        _cluster.Settle();
        Frame answer = Assert.Single(_cluster.Sent.Skip(before), frame => frame.Kind == FrameKind.PullEntries);
        Assert.Equal((from.Id, by.Id), (answer.From, answer.To));
        return Encoding.Latin1.GetString(answer.Bytes);
    }

    private static byte[] Request(ulong first)
    {
        ByteWriter writer = new();
        writer.Byte((byte)FrameKind.PullRequest);
        writer.Varint(first);
        return writer.ToArray();
    }
}
