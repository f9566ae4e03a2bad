using Quorate.Consensus;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class FoundingTests
{
    private readonly TestCluster _blank = new(3, connects: false);

    [Fact]
    public void A_single_node_founds_at_once()
    {
        TestNode node = new TestCluster(1).Nodes[0];
        Assert.Equal([A], node.Replica.Configuration!.Members.Select(member => member.Id));
        Assert.Single(node.Events.OfType<ReplicaEvent.Founded>());
    }

    [Fact]
    public void Nothing_is_founded_before_every_founder_was_heard_of_and_who_is_missing_is_said()
    {
        TestNode node = _blank.Nodes[0];
        Assert.Null(node.Replica.Greet(Hello(1)));
        _blank.Advance(20_000);
        Assert.Null(node.Replica.Configuration);
        Assert.All(
            node.Events.Cast<ReplicaEvent.WaitingForFounders>().TakeLast(3),
            waiting => Assert.Equal("n3 (h3:1)", waiting.Missing));
        Assert.Null(node.Replica.Greet(Hello(2)));
        Assert.NotNull(node.Replica.Configuration);
    }

    [Fact]
    public void A_founding_is_not_told_before_it_is_durable()
    {
        TestNode node = _blank.Nodes[0];
        node.IsDiskSlow = true;
        node.Replica.Greet(Hello(1));
        node.Replica.Greet(Hello(2));
        _blank.Settle();
        Assert.Equal((0UL, null), (node.Replica.Hello().Identity.ClusterId, node.Replica.Hello().Configuration));
        Assert.Empty(_blank.Sent);
        node.IsDiskSlow = false;
        _blank.Settle();
        Assert.NotEqual(0UL, node.Replica.Hello().Identity.ClusterId);
        Assert.NotNull(node.Replica.Hello().Configuration);
    }

    [Fact]
    public void All_founders_compute_the_same_cluster_whatever_order_they_hear_of_each_other_in()
    {
        // Nothing but the hellos: the one that founds first does not help the others.
        _blank.Copies = _ => 0;
        PeerHello[] hellos = [Hello(0), Hello(1), Hello(2)];
        foreach ((int node, int first, int second) in (ReadOnlySpan<(int, int, int)>)[(0, 1, 2), (1, 2, 0), (2, 0, 1)])
        {
            Assert.Null(_blank.Nodes[node].Replica.Greet(hellos[first]));
            Assert.Null(_blank.Nodes[node].Replica.Greet(hellos[second]));
        }

        _blank.Settle();
        Replica[] replicas = [.. _blank.Nodes.Select(node => node.Replica)];
        Assert.All(replicas, replica =>
        {
            Assert.Equal(replicas[0].Identity.ClusterId, replica.Identity.ClusterId);
            Assert.Equal([A, B, C], replica.Configuration!.Members.Select(member => member.Id));
            Assert.Equal(["h1:1", "h2:1", "h3:1"], replica.Configuration.Members.Select(member => member.PeerAddress));
            Assert.Equal(["http://h1:2", "http://h2:2", "http://h3:2"], replica.Configuration.Members.Select(member => member.ClientUrl));
        });
    }

    [Fact]
    public void A_founder_that_did_not_hear_of_all_learns_of_the_founding_from_one_that_did()
    {
        _blank.Nodes[0].Replica.Greet(Hello(1));
        _blank.Nodes[0].Replica.Greet(Hello(2));
        _blank.Settle();
        Assert.All(_blank.Nodes, node => Assert.Equal(_blank.Nodes[0].Replica.Identity.ClusterId, node.Replica.Identity.ClusterId));
        Assert.All(_blank.Nodes, node => Assert.Single(node.Events.OfType<ReplicaEvent.Founded>()));
    }

    [Fact]
    public void The_latest_identity_of_a_founder_that_lost_its_disk_before_the_founding_counts()
    {
        TestNode node = _blank.Nodes[0];
        node.Replica.Greet(Hello(1));
        node.Replica.Greet(Other("n2", 1).Replica.Hello());
        node.Replica.Greet(Hello(2));
        Assert.Equal([A, C, new NodeId(0xDD)], node.Replica.Configuration!.Members.Select(member => member.Id));
    }

    [Fact]
    public void Two_plans_never_found_one_cluster()
    {
        TestNode node = _blank.Nodes[0];
        string? refusal = node.Replica.Greet(Hello(1) with { Founders = "Raft:n1=h1:1,n2=h2:1" });
        Assert.Contains("--initial-cluster", refusal);
        node.Replica.Greet(Hello(2));
        _blank.Advance(100);
        Assert.Null(node.Replica.Configuration);
    }

    [Fact]
    public void A_founding_is_there_after_a_power_failure_and_is_not_done_again()
    {
        TestCluster cluster = new(3);
        TestNode node = cluster.Followers[0];
        ulong clusterId = node.Replica.Identity.ClusterId;
        TestNode again = cluster.Restart(node);
        Assert.Equal(clusterId, again.Replica.Identity.ClusterId);
        Assert.Equal(2U, again.Replica.Identity.Boot);
        Assert.Empty(again.Events.OfType<ReplicaEvent.Founded>());
    }

    [Fact]
    public void A_wiped_node_is_refused_and_both_sides_read_what_replaces_it()
    {
        TestCluster cluster = new(3);
        TestNode wiped = Other("n2", 1);
        Assert.Contains("quorate member replace n2", cluster.Leader.Replica.Greet(wiped.Replica.Hello()));
        Assert.Contains("quorate member replace n2", wiped.Replica.Greet(cluster.Leader.Replica.Hello()));
        Assert.Contains("quorate member replace n2", Assert.Single(wiped.Events.OfType<ReplicaEvent.NotWelcome>()).Reason);
        Assert.Null(wiped.Replica.Configuration);
    }

    [Fact]
    public void A_stranger_is_refused_with_the_command_that_adds_it()
    {
        TestCluster cluster = new(3);
        Assert.Contains("quorate member add n9", cluster.Leader.Replica.Greet(Other("n9", 0).Replica.Hello()));
    }

    [Fact]
    public void A_node_of_another_cluster_is_refused_even_under_a_known_identity()
    {
        TestCluster cluster = new(3);
        PeerHello hello = cluster.Followers[0].Replica.Hello();
        Assert.Null(cluster.Leader.Replica.Greet(hello));
        string? refusal = cluster.Leader.Replica.Greet(hello with { Identity = hello.Identity with { ClusterId = 0xBAD } });
        Assert.Contains("cluster id mismatch", refusal);
        Assert.Contains("bad", refusal);
        Assert.Contains("--data-dir", refusal);
    }

    [Fact]
    public void A_hello_in_the_name_of_another_node_is_malformed()
    {
        TestNode node = _blank.Nodes[0];
        byte[] frame = [(byte)FrameKind.Hello, .. Hello(1).Encode()];
        Assert.False(node.Replica.Receive(C, frame));
        Assert.True(node.Replica.Receive(B, frame));
        Assert.False(node.Replica.Receive(B, frame.AsMemory(0, frame.Length - 1)));
        Assert.False(node.Replica.Receive(B, Array.Empty<byte>()));
    }

    private PeerHello Hello(int at) => _blank.Nodes[at].Replica.Hello();

    /// <summary>A blank node that nobody knows, told of the same founders.</summary>
    private TestNode Other(string name, int at) => new(_blank, new MemoryDisk(), name, new NodeId(0xDD), _blank.OptionsOf(at));
}
