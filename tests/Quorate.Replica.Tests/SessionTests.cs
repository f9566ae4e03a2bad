using Quorate.State;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

/// <summary>A retry takes effect once wherever it comes: another node, another leader, behind a restart or a snapshot.</summary>
public sealed class SessionTests
{
    private static readonly UInt128 Session = 77;

    private readonly TestCluster _cluster = new(3, new ReplicaOptions { SnapshotAfterLogBytes = 20_000, MaxLogBytesInMemory = 4_000 });

    public SessionTests() => Assert.IsType<EmptyResult>(Do(_cluster.Leader, new OpenSessionCommand(Session)));

    [Fact]
    public void Every_node_gives_the_answer_that_the_first_gave()
    {
        CommandResult first = Write(_cluster.Followers[0], 1);
        foreach (TestNode node in _cluster.Nodes)
        {
            Assert.Equal(first, Write(node, 1));
        }

        Assert.Equal(first.Revision, _cluster.Leader.State.Revision);
    }

    [Fact]
    public void The_next_leader_knows_what_the_last_one_answered()
    {
        TestNode leader = _cluster.Leader;
        CommandResult first = Write(leader, 1);
        _cluster.CutOff(leader);
        _cluster.AdvanceUntil(() => _cluster.Nodes.Exists(node => node != leader && node.Leads));
        Assert.Equal(first, Write(_cluster.Leader, 1));
    }

    [Fact]
    public void Nodes_that_lost_their_power_know_it_still()
    {
        CommandResult first = Write(_cluster.Leader, 1);
        for (int at = 0; at < 3; at++)
        {
            _cluster.Restart(_cluster.Nodes[at]);
        }

        _cluster.AdvanceUntil(() => _cluster.Nodes.Exists(node => node.Leads));
        Assert.Equal(first, Write(_cluster.Leader, 1));
    }

    [Fact]
    public void A_node_that_was_brought_up_to_date_by_a_snapshot_knows_it_too()
    {
        TestNode laggard = _cluster.Followers[0];
        _cluster.CutOff(laggard);
        CommandResult first = Write(_cluster.Leader, 1);
        for (int i = 0; i < 100; i++)
        {
            _cluster.Propose(_cluster.Leader, $"k{i}", new string('v', 1000));
        }

        long revision = _cluster.Leader.State.Revision;
        _cluster.Reconnect(laggard);
        _cluster.AdvanceUntil(() => laggard.State.Revision == revision);
        Assert.Single(laggard.Events.OfType<ReplicaEvent.SnapshotInstalled>());
        Assert.Equal(first, Write(laggard, 1));
        Assert.Equal(revision, laggard.State.Revision);
        Assert.Equal(laggard.State.StateHash, laggard.State.ComputeStateHash());
        Assert.Equal(_cluster.Leader.State.StateHash, laggard.State.StateHash);
    }

    private CommandResult Write(TestNode node, long sequence) =>
        Do(node, new SessionCommand(Session, sequence, 0, new PutCommand(Bytes("once"), Bytes("v"), 0, ReturnPrevious: true)));

    private CommandResult Do(TestNode node, Command command)
    {
        ulong token = _cluster.Propose(node, CommandCodec.Encode(command));
        _cluster.AdvanceUntil(() => node.Answers.ContainsKey(token));
        return node.Answers[token];
    }
}
