using Quorate.State;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class SingleReplicaTests
{
    private readonly TestCluster _cluster = new(1);

    private TestNode Node => _cluster.Nodes[0];

    [Fact]
    public void A_command_is_answered_after_it_is_durable_and_not_before()
    {
        Node.IsDiskSlow = true;
        ulong token = _cluster.Propose(Node, "k", "v");
        _cluster.Advance(50);
        Assert.Empty(Node.Answers);
        Assert.Null(Get(Node.State, "k"));

        Node.IsDiskSlow = false;
        _cluster.Settle();
        Assert.IsType<PutResult>(Node.Answers[token]);
        Assert.Equal("v", Get(Node.State, "k"));
    }

    [Fact]
    public void A_read_sees_what_was_answered_before()
    {
        _cluster.Propose(Node, "k", "v");
        ulong read = _cluster.Read(Node);
        Assert.Equal("v", Get(Node.Reads[read], "k"));
    }

    [Fact]
    public void What_was_answered_is_there_after_a_power_failure()
    {
        for (int i = 0; i < 30; i++)
        {
            ulong token = _cluster.Propose(Node, $"k{i}", $"v{i}");
            Assert.Contains(token, Node.Answers.Keys);
            if (i % 10 == 9)
            {
                _cluster.Restart(Node);
                _cluster.AdvanceUntil(() => Node.Leads);
                _cluster.Settle();
            }
        }

        for (int i = 0; i < 30; i++)
        {
            Assert.Equal($"v{i}", Get(Node.State, $"k{i}"));
        }

        Assert.Equal(4U, Node.Replica.Identity.Boot);
    }

    [Fact]
    public void A_command_that_was_not_durable_is_gone_after_a_power_failure_and_the_node_goes_on()
    {
        _cluster.Propose(Node, "k", "old");
        Node.IsDiskSlow = true;
        _cluster.Propose(Node, "k", "new");
        _cluster.Restart(Node);
        _cluster.AdvanceUntil(() => Node.Leads);
        Assert.Equal("old", Get(Node.State, "k"));
        ulong token = _cluster.Propose(Node, "k", "newer");
        Assert.Contains(token, Node.Answers.Keys);
    }

    [Fact]
    public void Commands_that_came_together_share_an_entry_and_are_answered_in_order()
    {
        ulong last = Node.Replica.Status.Last;
        for (ulong token = 1000; token < 1100; token++)
        {
            Node.Replica.Propose(token, Put($"k{token}", "v"));
        }

        _cluster.Settle();
        Assert.Equal(last + 1, Node.Replica.Status.Last);
        long[] revisions = [.. Node.Answers.Where(answer => answer.Key >= 1000).Select(answer => answer.Value.Revision)];
        Assert.Equal(100, revisions.Length);
        Assert.Equal([.. revisions.Order()], revisions);
    }

    [Fact]
    public void A_command_that_the_state_refuses_is_answered_with_its_error_and_the_others_with_theirs()
    {
        ulong bad = _cluster.Propose(Node, "k", "v", lease: 99);
        ulong nonsense = _cluster.Propose(Node, [1, 255, 255]);
        ulong good = _cluster.Propose(Node, "k", "v");
        Assert.Equal(StateError.LeaseNotFound, Assert.IsType<ErrorResult>(Node.Answers[bad]).Error);
        Assert.Equal(StateError.Malformed, Assert.IsType<ErrorResult>(Node.Answers[nonsense]).Error);
        Assert.IsType<PutResult>(Node.Answers[good]);
    }
}
