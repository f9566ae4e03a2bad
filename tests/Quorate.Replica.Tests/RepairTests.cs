using Quorate.Codec;
using Quorate.Consensus;
using Quorate.Storage;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

/// <summary>A disk that lost something it had flushed, and the way back (DESIGN §5, docs/decisions/0006).</summary>
public sealed class RepairTests
{
    private const int Entries = 12;

    [Fact]
    public void A_hole_is_filled_by_the_peers_and_stays_filled()
    {
        TestCluster cluster = Filled();
        TestNode node = Hurt(cluster, cluster.Followers[0], "value 5");
        Assert.Contains("log-", Assert.IsType<ReplicaEvent.Mending>(Assert.Single(node.Events)).Reason);
        AwaitMended(cluster, node);
        Assert.IsType<ReplicaEvent.Mended>(node.Events[^1]);

        node = cluster.Restart(node);
        Assert.True(node.Replica.IsMended);
        AwaitEqual(cluster, node);
        node = cluster.Restart(node);
        Assert.Empty(node.Events);
        cluster.CutOff(cluster.Nodes.First(other => other != node && !other.Leads));
        Assert.NotNull(Answered(cluster, cluster.Leader, "after", "all"));
    }

    [Fact]
    public void A_node_with_a_hole_neither_leads_nor_acknowledges_what_is_behind_it_and_serves_no_local_reads()
    {
        TestCluster cluster = Filled();
        ulong end = cluster.Leader.Replica.Status.Last;
        TestNode node = cluster.Followers[0];
        cluster.Copies = frame => frame.Kind is FrameKind.RepairEntries or FrameKind.PullEntries ? 0 : 1;
        node = Hurt(cluster, node, "value 5");
        int before = cluster.Sent.Count;
        cluster.Advance(10_000);
        Assert.Equal(end, node.Replica.Log.End.Index);
        Assert.False(node.Replica.Log.IsWhole);
        Assert.All(Messages<AppendAck>(cluster, node, before), ack => Assert.True(ack.Match <= node.Replica.Log.Last));

        foreach (TestNode other in cluster.Nodes.Where(other => other != node).ToList())
        {
            cluster.CutOff(other);
        }

        before = cluster.Sent.Count;
        cluster.Advance(10_000);
        Assert.Empty(Messages<VoteRequest>(cluster, node, before));
        Assert.False(node.Leads);
    }

    [Fact]
    public void A_node_with_a_hole_votes_by_the_end_it_had()
    {
        TestCluster cluster = Filled();
        TestNode node = cluster.Followers[0];
        TestNode rival = cluster.Followers[1];
        ulong end = node.Replica.Status.Last;
        Ballot ballot = cluster.Leader.Replica.Status.Protocol.Ballot;
        foreach (TestNode other in cluster.Nodes.ToList())
        {
            cluster.CutOff(other);
        }

        node = cluster.Restart(node, disk => disk.Damage("value 5"));
        cluster.Advance(3000);
        Assert.Equal((0UL, end), (node.Replica.Log.Last, node.Replica.Log.End.Index));
        Assert.False(IsVoteGiven(cluster, node, rival, new VoteRequest(1, ballot.Round + 1, VoteKind.Ordinary, end - 1, ballot)));
        Assert.True(IsVoteGiven(cluster, node, rival, new VoteRequest(1, ballot.Round + 2, VoteKind.Ordinary, end, ballot)));
    }

    [Fact]
    public void Entries_that_nobody_calls_decided_are_fetched_by_name_from_a_peer_with_a_shorter_log()
    {
        // Six entries reach two followers and three more only one of them, and the leader, who hears of none of it, is gone for good.
        TestCluster cluster = new(3, new ReplicaOptions { MaxGatherTime = TimeSpan.Zero });
        cluster.Propose(cluster.Leader, "k", "first");
        TestNode leader = cluster.Leader;
        TestNode shorter = cluster.Followers[0];
        TestNode longer = cluster.Followers[1];
        cluster.Copies = frame => frame.To == leader.Id ? 0 : 1;
        Propose(cluster, leader, from: 0, count: 6);
        cluster.Copies = frame => frame.To == leader.Id || frame.To == shorter.Id ? 0 : 1;
        Propose(cluster, leader, from: 6, count: 3);
        cluster.CutOff(leader);
        cluster.Copies = _ => 1;
        Assert.Equal(3UL, longer.Replica.Status.Last - shorter.Replica.Status.Last);

        longer = Hurt(cluster, longer, "value 2");
        AwaitMended(cluster, longer);
        Assert.Contains(cluster.Sent, frame => frame.Kind == FrameKind.RepairEntries && frame.To == longer.Id);
        cluster.AdvanceUntil(() => longer.Leads && longer.Replica.Status.Decided == longer.Replica.Status.Last);
        AwaitEqual(cluster, shorter);
        Assert.All(Enumerable.Range(0, 9), i => Assert.Equal($"value {i}", Get(shorter.State, $"k{i}")));
    }

    [Fact]
    public void A_crash_at_any_moment_of_the_mending_costs_nothing()
    {
        bool isOver = false;
        for (int frames = 0; !isOver; frames++)
        {
            TestCluster cluster = Filled();
            NodeId id = cluster.Followers[0].Id;
            int left = frames;
            cluster.Copies = frame => frame.To == id && left-- <= 0 ? 0 : 1;
            TestNode node = Hurt(cluster, cluster.Node(id), "value 5");
            cluster.Advance(2500);
            isOver = node.Replica.IsMended;
            cluster.Copies = _ => 1;
            node = cluster.Restart(node);
            AwaitMended(cluster, node);
            Assert.InRange(frames, 0, 300);
        }
    }

    [Fact]
    public void A_second_hole_while_the_first_one_is_open_is_mended_with_it()
    {
        TestCluster cluster = Filled();
        NodeId id = cluster.Followers[0].Id;
        cluster.Copies = frame => frame.Kind is FrameKind.PullEntries or FrameKind.RepairEntries ? 0 : 1;
        TestNode node = Hurt(cluster, cluster.Node(id), "value 5");
        cluster.Propose(cluster.Leader, "k12", "value 12");
        cluster.Advance(1500);
        Assert.False(node.Replica.IsMended);
        cluster.Copies = _ => 1;
        AwaitMended(cluster, Hurt(cluster, node, "value 8"));
    }

    [Fact]
    public void A_damaged_snapshot_beside_a_whole_log_is_replaced_by_a_peers()
    {
        TestCluster cluster = new(3, new ReplicaOptions { SnapshotAfterLogBytes = 1000, MaxLogBytesInMemory = 500 });
        Propose(cluster, cluster.Leader, from: 0, count: 60);
        TestNode node = cluster.Followers[0];
        string name = Assert.Single(SnapshotFiles.List(node.Disk)).Name;
        cluster.Copies = frame => frame.Kind is FrameKind.PullEntries or FrameKind.SnapshotChunk ? 0 : 1;
        node = cluster.Restart(node, disk => disk.Flip(name, disk.LengthOf(name) / 2));
        Assert.Contains(name, Assert.IsType<ReplicaEvent.Mending>(Assert.Single(node.Events)).Reason);
        cluster.Advance(2000);
        Assert.Null(Get(node.State, "k0"));
        Assert.True(cluster.Node(node.Id).Replica.Log.End.Index >= 60);

        cluster.Copies = _ => 1;
        AwaitMended(cluster, node);
        Assert.Contains(node.Events, happened => happened is ReplicaEvent.SnapshotInstalled);
        AwaitEqual(cluster, cluster.Restart(node));
    }

    [Fact]
    public void Without_the_header_that_was_written_last_the_node_never_votes_again()
    {
        TestCluster cluster = Filled();
        TestNode node = cluster.Followers[0];
        string[] before = [.. node.Disk.List()];
        for (int start = 0; start < 3; start++)
        {
            // Only captions hold addresses.
            CorruptionException refusal = Assert.Throws<CorruptionException>(() => cluster.Restart(node, disk => disk.DamageAll("http://h1")));
            Assert.Matches(@"records \d+ to \d+ is left: .*caption in log-\d+\.qlog at offset \d+\. .*--data-dir", refusal.Message);
            Assert.Equal(before, node.Disk.List());
        }
    }

    [Fact]
    public void A_single_node_with_a_hole_refuses_to_start_and_changes_nothing()
    {
        TestCluster cluster = new(1);
        Propose(cluster, cluster.Nodes[0], from: 0, count: Entries);
        string[] before = [.. cluster.Nodes[0].Disk.List()];
        for (int start = 0; start < 2; start++)
        {
            CorruptionException refusal = Assert.Throws<CorruptionException>(
                () => cluster.Restart(cluster.Nodes[0], disk => disk.Damage("value 5", once: start == 0)));
            Assert.Matches(@"records \d+ to \d+: .*log-\d+\.qlog at offset \d+.*no other node.*--data-dir", refusal.Message);
            Assert.Equal(before, cluster.Nodes[0].Disk.List());
        }
    }

    private static TestCluster Filled()
    {
        TestCluster cluster = new(3);
        Propose(cluster, cluster.Leader, from: 0, count: Entries);
        cluster.Advance(200);
        return cluster;
    }

    private static void Propose(TestCluster cluster, TestNode node, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            cluster.Propose(node, $"k{i}", $"value {i}");
        }
    }

    private static TestNode Hurt(TestCluster cluster, TestNode node, string text)
    {
        TestNode hurt = cluster.Restart(node, disk => disk.Damage(text));
        Assert.False(hurt.Replica.IsMended);
        return hurt;
    }

    private static void AwaitMended(TestCluster cluster, TestNode node)
    {
        cluster.AdvanceUntil(() => node.Replica.IsMended);
        AwaitEqual(cluster, node);
    }

    private static void AwaitEqual(TestCluster cluster, TestNode node)
    {
        cluster.AdvanceUntil(() => cluster.HasLeader && node.Replica.Status.Applied >= cluster.Leader.Replica.Status.Decided);
        Assert.Equal(cluster.Leader.State.StateHash, node.State.StateHash);
        Assert.Equal(node.State.StateHash, node.State.ComputeStateHash());
    }

    private static string? Answered(TestCluster cluster, TestNode node, string key, string value)
    {
        ulong token = cluster.Propose(node, key, value);
        cluster.AdvanceUntil(() => node.Answers.ContainsKey(token));
        return Get(node.State, key);
    }

    private static List<T> Messages<T>(TestCluster cluster, TestNode from, int since) =>
        [.. cluster.Sent.Skip(since).Where(frame => frame.From == from.Id && frame.Kind == FrameKind.Protocol).Select(frame => RaftCodec.Decode(frame.Bytes.AsMemory(1))).OfType<T>()];

    private static bool IsVoteGiven(TestCluster cluster, TestNode node, TestNode candidate, RaftMessage request)
    {
        var writer = new ByteWriter();
        writer.Byte((byte)FrameKind.Protocol);
        request.WriteTo(writer);
        int before = cluster.Sent.Count;
        Assert.True(node.Replica.Receive(candidate.Id, writer.ToArray()));
        cluster.Settle();
        return Assert.Single(Messages<VoteReply>(cluster, node, before)).Granted;
    }
}
