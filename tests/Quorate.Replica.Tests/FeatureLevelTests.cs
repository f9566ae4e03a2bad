using Quorate.State;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

/// <summary>The configuration's feature level gates what is applied, and who may take part.</summary>
public sealed class FeatureLevelTests
{
    private readonly TestCluster _blank = new(3, connects: false);

    [Fact]
    public void A_new_cluster_is_founded_at_the_newest_level() =>
        Assert.Equal(FeatureLevel.Newest, new TestCluster(1).Nodes[0].Replica.Configuration!.FeatureLevel);

    [Fact]
    public void Below_its_level_a_command_is_refused_and_what_every_build_knows_is_applied()
    {
        TestNode node = JoinAt(FeatureLevel.First, out string? refusal);
        Assert.Null(refusal);
        _blank.AdvanceUntil(() => node.Leads);
        ulong refused = _blank.Propose(node, CommandCodec.Encode(new OpenSessionCommand(1)));
        ulong put = _blank.Propose(node, "k", "v");
        Assert.Equal(StateError.FeatureLevel, Assert.IsType<ErrorResult>(node.Answers[refused]).Error);
        Assert.IsType<PutResult>(node.Answers[put]);
    }

    [Fact]
    public void A_blank_node_does_not_join_a_cluster_of_a_level_it_does_not_know_and_says_why()
    {
        TestNode node = JoinAt(FeatureLevel.Newest + 1, out string? refusal);
        Assert.Contains($"feature level {FeatureLevel.Newest + 1}", refusal);
        Assert.Contains("Start a build", Assert.Single(node.Events.OfType<ReplicaEvent.NotWelcome>()).Reason);
        _blank.Advance(100);
        Assert.Null(node.Replica.Configuration);
    }

    [Fact]
    public void Founders_of_builds_that_know_other_levels_do_not_found_one_cluster()
    {
        TestNode node = _blank.Nodes[0];
        PeerHello hello = _blank.Nodes[1].Replica.Hello();
        string olderBuild = hello.Founders.Replace($":{FeatureLevel.Newest}:", $":{FeatureLevel.First}:", StringComparison.Ordinal);
        Assert.NotEqual(hello.Founders, olderBuild);
        Assert.Contains("build", node.Replica.Greet(hello with { Founders = olderBuild }));
        Assert.Null(node.Replica.Greet(hello));
    }

    /// <summary>A blank node is told that it is the only member of a cluster of this level.</summary>
    private TestNode JoinAt(uint level, out string? refusal)
    {
        TestNode node = _blank.Nodes[0];
        PeerHello hello = _blank.Nodes[1].Replica.Hello();
        refusal = node.Replica.Greet(hello with
        {
            Identity = hello.Identity with { ClusterId = 77 },
            Configuration = Configuration(node.Id) with { FeatureLevel = level },
        });
        _blank.Settle();
        return node;
    }
}
