using Quorate.Storage;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class SnapshotTests
{
    private const int Large = 60_000;

    [Fact]
    public void A_log_that_has_grown_is_trimmed_behind_a_snapshot_and_the_node_starts_from_it()
    {
        TestCluster cluster = new(1, Small());
        TestNode node = cluster.Nodes[0];
        Write(cluster, node, 100, valueBytes: 1000);
        SnapshotFile snapshot = Assert.Single(SnapshotFiles.List(node.Disk));
        Assert.True(node.Trims.Count > 1);
        Assert.Equal([.. node.Trims.Order()], node.Trims);
        Assert.True(snapshot.Index > 20);

        node = cluster.Restart(node);
        Assert.Equal(snapshot.Index, node.Replica.Status.Applied);
        cluster.AdvanceUntil(() => node.Leads && Get(node.State, "k99") is not null);
        Assert.Equal(node.State.StateHash, node.State.ComputeStateHash());
        Assert.All(Enumerable.Range(0, 100), i => Assert.NotNull(Get(node.State, $"k{i}")));
    }

    [Fact]
    public void When_hardly_anything_is_written_any_more_an_eighth_of_the_log_makes_a_snapshot_due()
    {
        TestCluster cluster = new(1, Small());
        TestNode node = cluster.Nodes[0];
        Write(cluster, node, 5, valueBytes: 1000);
        cluster.Advance((long)SnapshotSchedule.QuietTime.TotalMilliseconds - 1000);
        Assert.Empty(SnapshotFiles.List(node.Disk));

        cluster.Advance(2000);
        SnapshotFile snapshot = Assert.Single(SnapshotFiles.List(node.Disk));
        Assert.Equal(snapshot.Index, node.Replica.Status.Applied);
        Assert.Equal(snapshot.Index, cluster.Restart(node).Replica.Status.Applied);
    }

    [Fact]
    public void Writes_that_go_on_slowly_make_no_snapshot_due_before_its_time()
    {
        TestCluster cluster = new(1, Small());
        TestNode node = cluster.Nodes[0];
        for (int i = 0; i < 2 * SnapshotSchedule.QuietTime.TotalSeconds; i++)
        {
            Write(cluster, node, 1, valueBytes: 200);
            cluster.Advance(1000);
        }

        Assert.Empty(SnapshotFiles.List(node.Disk));
    }

    [Fact]
    public void A_laggard_gets_entries_from_the_log_on_disk_as_long_as_they_are_there()
    {
        (TestCluster cluster, TestNode laggard) = WithLaggard(snapshotAfter: 1 << 30);
        cluster.Reconnect(laggard);
        AwaitEqual(cluster, laggard);
        Assert.Contains(cluster.Sent, frame => frame.Kind == FrameKind.PullEntries);
        Assert.DoesNotContain(cluster.Sent, frame => frame.Kind == FrameKind.SnapshotOffer);
    }

    [Fact]
    public void A_laggard_gets_a_snapshot_for_what_was_trimmed_and_then_entries_and_starts_from_them()
    {
        (TestCluster cluster, TestNode laggard) = WithLaggard();
        cluster.Reconnect(laggard);
        AwaitEqual(cluster, laggard);
        Assert.Single(laggard.Events.OfType<ReplicaEvent.SnapshotInstalled>());
        Write(cluster, cluster.Leader, 5, valueBytes: 10);

        laggard = cluster.Restart(laggard);
        AwaitEqual(cluster, laggard);
        Assert.Empty(laggard.Events.OfType<ReplicaEvent.SnapshotInstalled>());
    }

    [Fact]
    public void Pieces_of_a_snapshot_may_be_lost_and_repeated()
    {
        // Some megabytes, in pieces of one; of every three questions and of every three pieces one is lost and one comes twice.
        (TestCluster cluster, TestNode laggard) = WithLaggard(snapshotAfter: 500_000, keys: 60, valueBytes: Large);
        int asks = 0;
        int chunks = 0;
        cluster.Copies = frame => frame.Kind switch
        {
            FrameKind.SnapshotChunk => chunks++ % 3,
            FrameKind.SnapshotAsk => asks++ % 3,
            _ => 1,
        };
        cluster.Reconnect(laggard);
        AwaitEqual(cluster, laggard);
        Assert.Single(laggard.Events.OfType<ReplicaEvent.SnapshotInstalled>());
        Assert.True(chunks > 4, $"{chunks} pieces were sent.");
        Assert.Empty(laggard.Events.OfType<ReplicaEvent.SnapshotFailed>());
    }

    [Fact]
    public void A_snapshot_that_is_replaced_by_a_newer_one_in_the_middle_of_the_transfer_is_not_mixed_with_it()
    {
        (TestCluster cluster, TestNode laggard) = WithLaggard(snapshotAfter: 500_000, keys: 60, valueBytes: Large);
        string[] before = OtherFiles(laggard);
        cluster.Copies = frame => frame.Kind == FrameKind.SnapshotAsk && cluster.Sent.Count(sent => sent.Kind == FrameKind.SnapshotAsk) > 1 ? 0 : 1;
        cluster.Reconnect(laggard);
        cluster.AdvanceUntil(() => cluster.Sent.Count(frame => frame.Kind == FrameKind.SnapshotAsk) >= 2);
        Write(cluster, cluster.Leader, 60, Large);
        cluster.Copies = _ => 1;
        AwaitEqual(cluster, laggard);
        Assert.Empty(laggard.Events.OfType<ReplicaEvent.SnapshotFailed>());
        Assert.Equal(before, OtherFiles(laggard));
    }

    [Fact]
    public void What_came_of_a_snapshot_is_deleted_when_nothing_more_comes()
    {
        (TestCluster cluster, TestNode laggard) = WithLaggard(snapshotAfter: 500_000, keys: 60, valueBytes: Large);
        string[] before = OtherFiles(laggard);
        bool isCut = false;
        cluster.Copies = frame =>
        {
            bool lost = isCut && frame.Kind is FrameKind.SnapshotAsk or FrameKind.PullRequest;
            isCut |= frame.Kind == FrameKind.SnapshotChunk;
            return lost ? 0 : 1;
        };
        cluster.Reconnect(laggard);
        cluster.AdvanceUntil(() => OtherFiles(laggard).Length > before.Length);
        cluster.Advance(4000);
        Assert.Equal(before, OtherFiles(laggard));
        cluster.Copies = _ => 1;
        AwaitEqual(cluster, laggard);
    }

    [Fact]
    public void A_snapshot_that_comes_damaged_is_not_installed_and_asked_for_again()
    {
        (TestCluster cluster, TestNode laggard) = WithLaggard();
        bool isDamaged = false;
        cluster.Copies = frame =>
        {
            if (frame.Kind == FrameKind.SnapshotChunk && !isDamaged)
            {
                frame.Bytes[frame.Bytes.Length / 2] ^= 1;
                isDamaged = true;
            }

            return 1;
        };
        cluster.Reconnect(laggard);
        AwaitEqual(cluster, laggard);
        Assert.Single(laggard.Events.OfType<ReplicaEvent.SnapshotFailed>());
        Assert.Single(laggard.Events.OfType<ReplicaEvent.SnapshotInstalled>());
    }

    [Fact]
    public void A_command_that_an_installed_snapshot_jumped_over_is_answered_as_unknown()
    {
        TestCluster cluster = new(3, Small());
        TestNode laggard = cluster.Followers[0];
        cluster.Copies = frame => frame.To == laggard.Id ? 0 : 1;
        ulong sent = cluster.Propose(laggard, "mine", "v");
        Assert.Equal("v", Get(cluster.Leader.State, "mine"));
        cluster.CutOff(laggard);
        cluster.Copies = _ => 1;
        Write(cluster, cluster.Leader, 100, valueBytes: 1000);
        cluster.Reconnect(laggard);
        AwaitEqual(cluster, laggard);
        Assert.Equal((RequestError.JumpedOver, true), laggard.Refusals[sent]);
        Assert.Equal(1, laggard.State.Get(Bytes("mine"))!.Version);
    }

    [Fact]
    public void The_log_is_trimmed_only_when_the_installation_of_a_snapshot_is_durable()
    {
        (TestCluster cluster, TestNode laggard) = WithLaggard();
        laggard.IsDiskSlow = true;
        cluster.Reconnect(laggard);
        cluster.AdvanceUntil(() => laggard.Events.OfType<ReplicaEvent.SnapshotInstalled>().Any());
        Assert.Empty(laggard.Trims);
        laggard.IsDiskSlow = false;
        cluster.Settle();
        Assert.NotEmpty(laggard.Trims);
    }

    [Fact]
    public void A_power_failure_right_after_a_snapshot_was_installed_loses_nothing()
    {
        (TestCluster cluster, TestNode laggard) = WithLaggard();
        laggard.IsDiskSlow = true;
        cluster.Reconnect(laggard);
        cluster.AdvanceUntil(() => laggard.Events.OfType<ReplicaEvent.SnapshotInstalled>().Any());
        for (int boot = 0; boot < 3; boot++)
        {
            laggard = cluster.Restart(laggard);
            AwaitEqual(cluster, laggard);
            Write(cluster, cluster.Leader, 3, valueBytes: 10);
        }
    }

    private static ReplicaOptions Small(int snapshotAfter = 20_000) =>
        new() { SnapshotAfterLogBytes = snapshotAfter, MaxLogBytesInMemory = 4_000 };

    /// <summary>A cluster in which one follower is cut off, and has missed what the others have written since.</summary>
    private static (TestCluster Cluster, TestNode Laggard) WithLaggard(int snapshotAfter = 20_000, int keys = 100, int valueBytes = 1000)
    {
        TestCluster cluster = new(3, Small(snapshotAfter));
        TestNode laggard = cluster.Followers[0];
        cluster.CutOff(laggard);
        Write(cluster, cluster.Leader, keys, valueBytes);
        return (cluster, laggard);
    }

    /// <summary>What lies on a disk beside the log and the snapshots that are whole.</summary>
    private static string[] OtherFiles(TestNode node)
    {
        HashSet<string> whole = [.. SnapshotFiles.List(node.Disk).Select(file => SnapshotFiles.NameOf(file.Index))];
        return [.. node.Disk.List().Where(name => !name.EndsWith(".qlog", StringComparison.Ordinal) && !whole.Contains(name))];
    }

    private static void Write(TestCluster cluster, TestNode node, int count, int valueBytes)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Contains(cluster.Propose(node, $"k{i}", new string((char)('a' + (i % 26)), valueBytes)), node.Answers.Keys);
        }
    }

    private static void AwaitEqual(TestCluster cluster, TestNode node)
    {
        cluster.AdvanceUntil(() => node.State.AppliedIndex == cluster.Leader.State.AppliedIndex && node.State.AppliedIndex > 0);
        Assert.Equal(cluster.Leader.State.StateHash, node.State.StateHash);
        Assert.Equal(node.State.StateHash, node.State.ComputeStateHash());
    }
}
