using Quorate.Consensus;
using Quorate.State;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class LeaseTests
{
    private const long Lease = 7;

    [Fact]
    public void A_lease_ends_after_its_time_on_every_replica_and_only_the_leader_proposes_it()
    {
        TestCluster cluster = new(3);
        Grant(cluster, cluster.Leader, ttlSeconds: 2);
        int before = cluster.Sent.Count;
        cluster.Advance(1950);
        Assert.All(cluster.Nodes, node => Assert.Equal("v", Get(node.State, "k")));
        cluster.Advance(150);
        Assert.All(cluster.Nodes, node => Assert.Null(Get(node.State, "k")));
        Assert.All(cluster.Nodes, node => Assert.Null(node.State.FindLease(Lease)));
        Assert.DoesNotContain(cluster.Sent.Skip(before), frame => frame.Kind == FrameKind.Forward);
    }

    [Fact]
    public void An_expiry_is_proposed_once_however_long_it_is_under_way()
    {
        TestCluster cluster = new(1);
        TestNode node = cluster.Nodes[0];
        Grant(cluster, node, ttlSeconds: 1);
        node.IsDiskSlow = true;
        ulong last = node.Replica.Status.Last;
        cluster.Advance(1500);

        // The expiry, and at most two stamps.
        Assert.InRange(node.Replica.Status.Last - last, 1UL, 3UL);
        node.IsDiskSlow = false;
        cluster.Advance(50);
        Assert.Null(Get(node.State, "k"));
    }

    [Fact]
    public void An_expiry_that_filled_its_batch_holds_no_later_one_up()
    {
        TestCluster cluster = new(1, new ReplicaOptions { MaxBatchBytes = 1 });
        TestNode node = cluster.Nodes[0];
        cluster.Propose(node, CommandCodec.Encode(new LeaseGrantCommand(1, 1)));
        cluster.Advance(300);
        cluster.Propose(node, CommandCodec.Encode(new LeaseGrantCommand(2, 1)));
        cluster.Advance(750);
        Assert.Null(node.State.FindLease(1));
        Assert.NotNull(node.State.FindLease(2));
        cluster.Advance(300);
        Assert.Null(node.State.FindLease(2));
    }

    [Fact]
    public void An_expiry_is_checked_when_it_is_applied()
    {
        TestCluster cluster = new(1);
        TestNode node = cluster.Nodes[0];
        Grant(cluster, node, ttlSeconds: 2);
        cluster.Advance(1800);

        // The keep-alive is proposed in time but not applied before the leader finds the lease expired.
        node.IsDiskSlow = true;
        ulong refresh = cluster.Propose(node, CommandCodec.Encode(new LeaseRefreshCommand([Lease])));
        ulong last = node.Replica.Status.Last;
        cluster.Advance(400);
        Assert.True(node.Replica.Status.Last > last, "No expiry was proposed.");
        node.IsDiskSlow = false;
        cluster.Settle();
        Assert.Contains(refresh, node.Answers.Keys);
        Assert.Equal("v", Get(node.State, "k"));
        cluster.Advance(1200);
        Assert.Equal("v", Get(node.State, "k"));
        cluster.Advance(700);
        Assert.Null(Get(node.State, "k"));
    }

    [Fact]
    public void A_change_of_leader_never_shortens_a_lease_and_stretches_it_by_the_gap_and_at_most_a_second()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        Grant(cluster, old, ttlSeconds: 5);
        Instant granted = cluster.Now;
        cluster.Advance(2500);
        cluster.CutOff(old);
        Instant cut = cluster.Now;
        cluster.AdvanceUntil(() => cluster.Nodes.Exists(node => node.Leads && node != old));
        TimeSpan gap = cluster.Now - cut;
        TestNode next = cluster.Nodes.First(node => node.Leads && node != old);
        cluster.AdvanceUntil(() => Get(next.State, "k") is null);
        TimeSpan lived = cluster.Now - granted;
        Assert.InRange(lived, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6.1) + gap);
    }

    [Fact]
    public void Lease_time_goes_on_from_a_stamp_that_no_leader_had_decided()
    {
        TestCluster cluster = new(3);
        TestNode old = cluster.Leader;
        TestNode next = cluster.Followers[0];
        Grant(cluster, old, ttlSeconds: 5);
        Instant granted = cluster.Now;
        cluster.Advance(900);
        long applied = next.State.LeaseTimeMs;

        // The last entry reaches one follower, and nobody learns that it did: its stamp is the highest there is, and undecided.
        cluster.Copies = frame => frame.From == old.Id && frame.To == next.Id ? 1 : 0;
        cluster.Propose(old, "stamped", "v");
        Instant stamped = cluster.Now;
        Assert.Equal(applied, next.State.LeaseTimeMs);
        cluster.CutOff(old);
        cluster.Copies = _ => 1;
        cluster.AdvanceUntil(() => next.Leads);
        TimeSpan gap = cluster.Now - stamped;

        // Were it to go on from what is applied, the lease would live as much longer as the stamp is ahead of that.
        cluster.AdvanceUntil(() => Get(next.State, "k") is null);
        TimeSpan lived = cluster.Now - granted;
        Assert.InRange(lived, TimeSpan.FromSeconds(5) + gap, TimeSpan.FromSeconds(5.2) + gap);
        Assert.Equal("v", Get(next.State, "stamped"));
    }

    [Fact]
    public void A_leader_that_was_paused_does_not_end_leases_for_the_pause()
    {
        TestCluster cluster = new(1);
        TestNode node = cluster.Nodes[0];
        Grant(cluster, node, ttlSeconds: 5);
        node.Replica.Tick(cluster.Now + TimeSpan.FromSeconds(60));
        node.Pump();
        node.Replica.Tick(cluster.Now + TimeSpan.FromSeconds(60.5));
        node.Pump();
        node.Pump();
        Assert.Equal("v", Get(node.State, "k"));
    }

    [Fact]
    public void Lease_time_stands_in_the_log_at_least_every_second_while_there_are_leases_and_only_then()
    {
        TestCluster cluster = new(1);
        TestNode node = cluster.Nodes[0];
        cluster.Advance(5000);
        long before = node.State.LeaseTimeMs;
        Grant(cluster, node, ttlSeconds: 100);
        for (int i = 0; i < 5; i++)
        {
            long stamp = node.State.LeaseTimeMs;
            cluster.Advance(1050);
            Assert.InRange(node.State.LeaseTimeMs - stamp, 900, 1200);
        }

        Assert.True(node.State.LeaseTimeMs > before);
    }

    [Fact]
    public void Lease_time_goes_on_after_a_power_failure_from_the_log()
    {
        TestCluster cluster = new(1);
        Grant(cluster, cluster.Nodes[0], ttlSeconds: 4);
        cluster.Advance(2500);
        cluster.Restart(cluster.Nodes[0]);
        cluster.AdvanceUntil(() => Get(cluster.Nodes[0].State, "k") == "v");
        cluster.Advance(1400);
        Assert.Equal("v", Get(cluster.Nodes[0].State, "k"));
        cluster.Advance(1300);
        Assert.Null(Get(cluster.Nodes[0].State, "k"));
    }

    private static void Grant(TestCluster cluster, TestNode node, long ttlSeconds)
    {
        cluster.Propose(node, CommandCodec.Encode(new LeaseGrantCommand(Lease, ttlSeconds)));
        ulong put = cluster.Propose(node, "k", "v", Lease);
        Assert.IsType<PutResult>(node.Answers[put]);
    }
}
