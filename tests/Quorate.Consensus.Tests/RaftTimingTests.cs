namespace Quorate.Consensus.Tests;

public sealed class RaftTimingTests
{
    private static readonly RaftOptions Defaults = new();

    /// <summary>T10: drawn anew for each election, from [E, 2E), so that a tie does not last.</summary>
    [Fact]
    public void Election_timeouts_are_drawn_for_each_election()
    {
        TestCluster cluster = new(3, 0, Defaults, seed: 7);
        TestNode node = cluster.Nodes[0];
        cluster.Isolate(node.Id);
        PassStart(node);
        List<long> waits = [];
        Instant last = node.Now;
        int seen = cluster.Asked(node);
        while (waits.Count < 50)
        {
            node.Tick(TimeSpan.FromMilliseconds(1));
            if (cluster.Asked(node) != seen)
            {
                seen = cluster.Asked(node);
                waits.Add((node.Now - last).Ticks / TimeSpan.TicksPerMillisecond);
                last = node.Now;
            }
        }

        waits.RemoveAt(0);
        Assert.All(waits, wait => Assert.InRange(wait, 1000, 2001));
        Assert.True(waits.Distinct().Count() > 30);
        Assert.True(waits.Max() - waits.Min() > 500);
    }

    /// <summary>Nothing is there yet that could be disturbed, and peers that are not there yet are asked again.</summary>
    [Fact]
    public void A_node_that_starts_asks_soon_and_more_than_once_whether_there_is_a_leader_to_be_elected()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            TestCluster cluster = new(3, 0, Defaults, seed);
            TestNode node = cluster.Nodes[0];
            cluster.Isolate(node.Id);
            node.Tick(TimeSpan.Zero);
            node.Tick(TimeSpan.FromMilliseconds(199));
            Assert.Equal(0, cluster.Asked(node));
            node.Tick(TimeSpan.FromMilliseconds(251));
            Assert.Equal(2, cluster.Asked(node));
            node.Tick(TimeSpan.FromMilliseconds(450));
            Assert.Equal(4, cluster.Asked(node));
        }
    }

    [Fact]
    public void A_group_that_starts_has_a_leader_long_before_an_election_timeout()
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            TestCluster cluster = new(3, 0, Defaults, seed);
            int waited = 0;
            for (; cluster.Leader is null; waited += 10)
            {
                Pass(cluster, milliseconds: 10);
            }

            Assert.InRange(waited, 200, 900);
        }
    }

    [Fact]
    public void A_node_that_starts_beside_a_leader_changes_nothing_even_before_it_hears_of_it()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            TestCluster cluster = new(3, 0, Defaults, seed);
            TestNode leader = Elect(cluster);
            ulong round = leader.Protocol!.Status.Ballot.Round;
            TestNode node = cluster.Nodes.First(other => other != leader);
            node.Crash();
            node.Start();
            cluster.Cut[(int)leader.Id.Value, (int)node.Id.Value] = true;
            int asked = cluster.Asked(node);
            Pass(cluster, milliseconds: 700);
            Assert.True(cluster.Asked(node) > asked);
            cluster.Cut[(int)leader.Id.Value, (int)node.Id.Value] = false;
            Pass(cluster, milliseconds: 300);
            Assert.Equal((leader.Id, round), (node.Protocol!.Status.Leader, node.Protocol.Status.Ballot.Round));
        }
    }

    /// <summary>A killed leader is replaced in tens of milliseconds when its followers see their connections close.</summary>
    [Fact]
    public void A_killed_leader_whose_connections_close_is_replaced_long_before_an_election_timeout()
    {
        List<int> waits = [];
        for (ulong seed = 1; seed <= 100; seed++)
        {
            TestCluster cluster = new(3, 0, Defaults, seed);
            TestNode leader = Elect(cluster);
            leader.Crash();
            foreach (TestNode node in cluster.Nodes.Where(node => node.IsUp))
            {
                node.Protocol!.Disconnected(leader.Id);
            }

            int waited = 0;
            for (; cluster.Leader is null; waited += 2)
            {
                Pass(cluster, milliseconds: 2);
            }

            waits.Add(waited);
        }

        waits.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"median {waits[50]} ms, 90 % {waits[90]} ms, most {waits[^1]} ms");
        Assert.InRange(waits[50], 1, 80);
        Assert.InRange(waits[90], 1, 150);
    }

    /// <summary>T6: a leader steps down within an election timeout and a heartbeat of losing its quorum, not before.</summary>
    [Fact]
    public void A_leader_without_a_quorum_steps_down_in_time()
    {
        TestCluster cluster = new(5, 0, Defaults, seed: 3);
        TestNode leader = Elect(cluster);
        TestNode[] followers = [.. cluster.Nodes.Where(node => node != leader)];
        cluster.Isolate(followers[0].Id);
        cluster.Isolate(followers[1].Id);
        Pass(cluster, milliseconds: 3000);
        Assert.Equal(Role.Leader, leader.Protocol!.Status.Role);
        cluster.Isolate(followers[2].Id);
        Pass(cluster, milliseconds: 890);
        Assert.Equal(Role.Leader, leader.Protocol.Status.Role);
        Pass(cluster, milliseconds: 230);
        Assert.NotEqual(Role.Leader, leader.Protocol.Status.Role);
    }

    private static void PassStart(TestNode node)
    {
        node.Tick(TimeSpan.Zero);
        for (int passed = 0; passed < 2000; passed++)
        {
            node.Tick(TimeSpan.FromMilliseconds(1));
        }
    }

    private static TestNode Elect(TestCluster cluster)
    {
        for (int i = 0; i < 5000 && cluster.Leader is null; i += 10)
        {
            Pass(cluster, milliseconds: 10);
        }

        Pass(cluster, milliseconds: 200);
        return cluster.Leader!;
    }

    // Disks and network that take two milliseconds each.
    private static void Pass(TestCluster cluster, int milliseconds)
    {
        for (int passed = 0; passed < milliseconds; passed += 2)
        {
            List<Transit> due = [.. cluster.Network];
            cluster.Network.Clear();
            due.ForEach(cluster.Deliver);
            foreach (TestNode node in cluster.Nodes.Where(node => node.IsUp))
            {
                if (node.HasUnflushed)
                {
                    node.Flush(node.UnflushedRecords);
                }

                node.Tick(TimeSpan.FromMilliseconds(2));
                node.Protocol!.Flush();
            }
        }
    }
}
