using Quorate.Consensus;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

/// <summary>A frame on its way.</summary>
internal sealed record Frame(NodeId From, NodeId To, byte[] Bytes)
{
    public FrameKind Kind => (FrameKind)Bytes[0];
}

/// <summary>One or three replicas, a network in memory and a time, all driven by hand.</summary>
internal sealed class TestCluster
{
    private const int MaxRounds = 10_000;
    private const long StepMs = 10;
    private readonly ReplicaOptions _options;
    private readonly Queue<Frame> _frames = new();
    private readonly SortedSet<NodeId> _cutOff = [];
    private ulong _token;

    public TestCluster(int size, ReplicaOptions? options = null, bool connects = true)
    {
        _options = options ?? new ReplicaOptions();
        NodeId[] ids = [A, B, C];
        for (int i = 0; i < size; i++)
        {
            Nodes.Add(null!);
            Start(i, new MemoryDisk(), ids[i], size);
        }

        if (!connects)
        {
            return;
        }

        foreach (TestNode node in Nodes)
        {
            Connect(node);
        }

        AdvanceUntil(() => Nodes.Exists(node => node.Leads && Nodes.TrueForAll(other => other.Replica.Status.Protocol.Leader == node.Id)));
    }

    public Instant Now { get; private set; } = new(1_000_000);

    public List<TestNode> Nodes { get; } = [];

    public TestNode Leader => Nodes.Single(node => node.Leads && !_cutOff.Contains(node.Id));

    public bool HasLeader => Nodes.Exists(node => node.Leads && !_cutOff.Contains(node.Id));

    public List<TestNode> Followers => [.. Nodes.Where(node => !node.Leads)];

    /// <summary>Every frame that was sent.</summary>
    public List<Frame> Sent { get; } = [];

    /// <summary>How often a frame arrives: 0 when it is lost.</summary>
    public Func<Frame, int> Copies { get; set; } = _ => 1;

    /// <summary>The options of the node at this place.</summary>
    public ReplicaOptions OptionsOf(int at) => _options with { Founding = PlanOf(at, Nodes.Count) };

    public TestNode Node(NodeId id) => Nodes.Single(node => node.Id == id);

    public void Send(NodeId from, NodeId to, byte[] bytes)
    {
        Frame frame = new(from, to, bytes);
        Sent.Add(frame);
        if (_cutOff.Contains(from) || _cutOff.Contains(to))
        {
            return;
        }

        for (int copies = Copies(frame); copies > 0; copies--)
        {
            _frames.Enqueue(frame);
        }
    }

    /// <summary>Proposes at a node and settles.</summary>
    public ulong Propose(TestNode node, string key, string value, long lease = 0) => Propose(node, Put(key, value, lease));

    public ulong Propose(TestNode node, byte[] command)
    {
        node.Replica.Propose(++_token, command);
        Settle();
        return _token;
    }

    public ulong Read(TestNode node)
    {
        node.Replica.Read(++_token);
        Settle();
        return _token;
    }

    /// <summary>Does everything that is there to be done, without time passing.</summary>
    public void Settle()
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            bool any = false;
            foreach (TestNode node in Nodes)
            {
                any |= node.Pump();
            }

            for (int waiting = _frames.Count; waiting > 0; waiting--)
            {
                Frame frame = _frames.Dequeue();
                any = true;
                Assert.True(Node(frame.To).Replica.Receive(frame.From, frame.Bytes), $"{frame.Kind} is malformed");
            }

            if (!any)
            {
                return;
            }
        }

        Assert.Fail("It never comes to rest.");
    }

    public void Advance(long milliseconds)
    {
        for (long passed = 0; passed < milliseconds; passed += StepMs)
        {
            Now += TimeSpan.FromMilliseconds(StepMs);
            foreach (TestNode node in Nodes)
            {
                node.Replica.Tick(Now);
            }

            Settle();
        }
    }

    public void AdvanceUntil(Func<bool> isReached)
    {
        for (int step = 0; step < 3000 && !isReached(); step++)
        {
            Advance(StepMs);
        }

        Assert.True(isReached(), "It was not reached in half a minute.");
    }

    /// <summary>All connections of a node close; nothing from or to it arrives.</summary>
    public void CutOff(TestNode node)
    {
        _cutOff.Add(node.Id);
        foreach (TestNode other in Nodes.Where(other => other != node))
        {
            other.Replica.Disconnected(node.Id);
            node.Replica.Disconnected(other.Id);
        }
    }

    public void Reconnect(TestNode node)
    {
        _cutOff.Remove(node.Id);
        Connect(node);
    }

    /// <summary>The power of a node fails, and it starts again from what its disk keeps, or from what becomes of that.</summary>
    public TestNode Restart(TestNode node, Action<MemoryDisk>? damage = null)
    {
        int at = Nodes.IndexOf(node);
        node.Disk.Crash();
        damage?.Invoke(node.Disk);
        Start(at, node.Disk, node.Id, Nodes.Count);
        Connect(Nodes[at]);
        return Nodes[at];
    }

    private void Start(int at, MemoryDisk disk, NodeId freshId, int size)
    {
        Nodes[at] = new TestNode(this, disk, $"n{at + 1}", freshId, _options with { Founding = PlanOf(at, size) });
    }

    private static FoundingPlan PlanOf(int at, int size)
    {
        Founder[] founders = [.. Enumerable.Range(1, size).Select(i => new Founder($"n{i}", $"h{i}:1"))];
        return new FoundingPlan(ProtocolKind.Raft, $"h{at + 1}:1", $"http://h{at + 1}:2", founders);
    }

    private void Connect(TestNode node)
    {
        foreach (TestNode other in Nodes.Where(other => other != node && !_cutOff.Contains(other.Id)))
        {
            Assert.Null(node.Replica.Greet(other.Replica.Hello()));
            Assert.Null(other.Replica.Greet(node.Replica.Hello()));
            node.Replica.Connected(other.Id);
            other.Replica.Connected(node.Id);
        }
    }
}
