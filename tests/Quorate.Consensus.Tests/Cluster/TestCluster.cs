using Quorate.Codec;

namespace Quorate.Consensus.Tests;

/// <summary>
/// Some nodes and a network in one place, moved by explicit calls only: nothing is delivered, flushed or timed by itself.
/// Every message passes through its bytes.
/// </summary>
internal sealed class TestCluster
{
    private readonly List<string>? _trace;

    public TestCluster(int voters, int learners, RaftOptions options, ulong seed, List<string>? trace = null)
    {
        _trace = trace;
        Options = options;
        Generator = new SeededGenerator(seed);
        List<Member> members = [];
        for (int i = 1; i <= voters + learners; i++)
        {
            MemberRole role = i <= voters ? MemberRole.Voter : MemberRole.Learner;
            members.Add(new Member(new NodeId((ulong)i), $"n{i}", $"n{i}:1", $"http://n{i}:2", role));
        }

        Configuration = new Configuration(1, ProtocolKind.Raft, members, NodeId.None, 0, 1);
        Nodes = [.. members.Select(member => new TestNode(member.Id, member.Name, this))];
        Oracle = new Oracle(this);
        foreach (TestNode node in Nodes)
        {
            node.Start();
        }
    }

    public RaftOptions Options { get; }

    public SeededGenerator Generator { get; }

    public Configuration Configuration { get; }

    public TestNode[] Nodes { get; }

    public Oracle Oracle { get; }

    /// <summary>What is on its way, oldest first.</summary>
    public List<Transit> Network { get; } = [];

    /// <summary>Links that lose everything, by direction.</summary>
    public bool[,] Cut { get; private set; } = new bool[16, 16];

    /// <summary>The message that a node is just receiving.</summary>
    public RaftMessage? Receiving { get; private set; }

    private readonly int[] _asked = new int[16];

    /// <summary>How many vote requests a node has sent.</summary>
    public int Asked(TestNode node) => _asked[(int)node.Id.Value];

    public TestNode Node(NodeId id) => Nodes[(int)id.Value - 1];

    public string NameOf(NodeId id) => id.IsNone ? "none" : Node(id).Name;

    public void Trace(TestNode node, string line) => _trace?.Add($"  {node.Name}: {line}");

    public void Transmit(TestNode from, NodeId to, RaftMessage message)
    {
        Oracle.OnTransmit(from, to, message);
        _asked[(int)from.Id.Value] += message is VoteRequest ? 1 : 0;
        if (!Cut[(int)from.Id.Value, (int)to.Value])
        {
            ByteWriter writer = new();
            message.WriteTo(writer);
            Network.Add(new Transit(from.Id, to, writer.ToArray()));
        }
    }

    public void Deliver(Transit transit)
    {
        TestNode to = Node(transit.To);
        if (!to.IsUp || Cut[(int)transit.From.Value, (int)transit.To.Value])
        {
            return;
        }

        Receiving = (RaftMessage)RaftCodec.Decode(transit.Bytes);
        _trace?.Add($"  {NameOf(transit.From)} -> {to.Name} {TraceText.Of(Receiving)}");
        to.Protocol!.Receive(transit.From, Receiving);
        Receiving = null;
        to.Protocol.Flush();
    }

    public void Heal() => Cut = new bool[16, 16];

    public void CutBoth(NodeId left, NodeId right)
    {
        Cut[(int)left.Value, (int)right.Value] = true;
        Cut[(int)right.Value, (int)left.Value] = true;
    }

    public void Isolate(NodeId id)
    {
        foreach (TestNode node in Nodes)
        {
            CutBoth(id, node.Id);
        }
    }

    /// <summary>The node that leads in the highest round, if one does.</summary>
    public TestNode? Leader => Nodes
        .Where(node => node.Protocol?.Status.Role == Role.Leader)
        .MaxBy(node => node.Protocol!.Status.Ballots.Round);
}

/// <summary>A message on its way.</summary>
internal sealed record Transit(NodeId From, NodeId To, ReadOnlyMemory<byte> Bytes);
