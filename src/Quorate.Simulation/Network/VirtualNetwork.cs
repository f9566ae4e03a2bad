using Quorate.Consensus;
using Quorate.Replica;

namespace Quorate.Simulation;

/// <summary>
/// Links between every two nodes, each direction for itself: delay with a tail, loss, duplication, reordering, cuts and clogs;
/// and connections, over which alone frames travel. What was sent once may arrive in a later life of its receiver.
/// </summary>
internal sealed class VirtualNetwork
{
    private readonly World _world;
    private readonly SeededGenerator _generator;
    private readonly Link[,] _links;

    public VirtualNetwork(World world, SeededGenerator generator)
    {
        _world = world;
        _generator = generator;
        int count = world.Knobs.Nodes;
        _links = new Link[count, count];
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                _links[from, to] = new Link();
            }
        }
    }

    /// <summary>Starts the dialling of every pair.</summary>
    public void Start()
    {
        for (int a = 0; a < _world.Nodes.Length; a++)
        {
            for (int b = a + 1; b < _world.Nodes.Length; b++)
            {
                (SimulatedNode first, SimulatedNode second) = (_world.Nodes[a], _world.Nodes[b]);
                _world.After(_generator.Delay(2_000), () => Dial(first, second));
            }
        }
    }

    public void Send(SimulatedNode from, SimulatedNode to, ReadOnlySpan<byte> frame)
    {
        Link link = _links[from.Index, to.Index];
        if (!link.IsConnected || link.Cuts > 0)
        {
            return;
        }

        if (!_world.IsCalm && _generator.Chance(_world.Knobs.Loss))
        {
            _world.Tally.Fault("frame lost");
            return;
        }

        byte[] sent = frame.ToArray();
        Deliver(link, from, to, sent);
        if (!_world.IsCalm && _generator.Chance(_world.Knobs.Duplication))
        {
            _world.Tally.Fault("frame duplicated");
            Deliver(link, from, to, sent);
        }
    }

    /// <summary>Cuts one direction; cuts add up.</summary>
    public void Cut(SimulatedNode from, SimulatedNode to)
    {
        _links[from.Index, to.Index].Cuts++;

        // Whether anybody notices that nothing comes any more is chance; a connection that breaks is not made again before it is healed.
        if (_generator.Chance(500))
        {
            _world.After(_generator.Delay(200_000), () =>
            {
                if (_links[from.Index, to.Index].Cuts > 0)
                {
                    Break(from, to);
                }
            });
        }
    }

    public void Heal(SimulatedNode from, SimulatedNode to)
    {
        Link link = _links[from.Index, to.Index];
        link.Cuts = Math.Max(0, link.Cuts - 1);
    }

    /// <summary>Cuts one direction for ever.</summary>
    public void CutForGood(SimulatedNode from, SimulatedNode to) => _links[from.Index, to.Index].Cuts = int.MaxValue / 2;

    /// <summary>Heals one direction whatever cut it.</summary>
    public void HealAll(SimulatedNode from, SimulatedNode to)
    {
        _links[from.Index, to.Index].Cuts = 0;
        _links[from.Index, to.Index].ClogUntilUs = 0;
    }

    /// <summary>Whatever is sent from now on arrives only after that time.</summary>
    public void Clog(SimulatedNode from, SimulatedNode to, long untilUs)
    {
        if (!_world.IsCalm)
        {
            _links[from.Index, to.Index].ClogUntilUs = untilUs;
        }
    }

    /// <summary>The connection between two nodes breaks, and both notice.</summary>
    public void Break(SimulatedNode a, SimulatedNode b)
    {
        if (!_links[a.Index, b.Index].IsConnected)
        {
            return;
        }

        _world.Note(TraceKind.Disconnect, a.Index, b.Index);
        Disconnect(a, b);
        Notice(a, b);
        Notice(b, a);
    }

    /// <summary>A node went down. Its peers learn of it when the kernel under it closes its connections, else by and by.</summary>
    public void NodeDied(SimulatedNode dead, bool isNoticed)
    {
        foreach (SimulatedNode peer in _world.Nodes)
        {
            if (peer != dead && _links[dead.Index, peer.Index].IsConnected)
            {
                Disconnect(dead, peer);
                if (isNoticed)
                {
                    Notice(peer, dead);
                }
            }
        }
    }

    private void Disconnect(SimulatedNode a, SimulatedNode b)
    {
        _links[a.Index, b.Index].IsConnected = false;
        _links[b.Index, a.Index].IsConnected = false;
    }

    // Late news of an old connection says nothing about a newer one.
    private void Notice(SimulatedNode node, SimulatedNode gone)
    {
        Link link = _links[node.Index, gone.Index];
        int introduced = link.Introductions;
        node.After(_generator.Delay(_world.Knobs.LinkUs), () => node.Post(() =>
        {
            if (link.Introductions == introduced)
            {
                node.Replica!.Disconnected(gone.Id);
            }
        }));
    }

    private void Dial(SimulatedNode a, SimulatedNode b)
    {
        Link there = _links[a.Index, b.Index];
        Link back = _links[b.Index, a.Index];
        if (a.IsUp && b.IsUp && !a.IsPaused && !b.IsPaused && !there.IsConnected && there.Cuts == 0 && back.Cuts == 0)
        {
            there.IsConnected = true;
            back.IsConnected = true;
            _world.Note(TraceKind.Connect, a.Index, b.Index);
            Introduce(a, b);
            Introduce(b, a);
        }

        _world.After(_generator.Between(10_000L, 60_000), () => Dial(a, b));
    }

    /// <summary>The hello travels as bytes; a node that still believed in an older connection learns first that it broke.</summary>
    private void Introduce(SimulatedNode node, SimulatedNode to)
    {
        byte[] hello = node.Replica!.Hello().Encode();
        to.After(_generator.Delay(_world.Knobs.LinkUs), () => to.Post(() =>
        {
            bool isRead = PeerHello.TryDecode(hello, out PeerHello? read);
            ViolationException.Require(isRead, "hello", $"{to.Name} cannot read the hello of {node.Name}");
            string? refusal = to.Replica!.Greet(read!);
            ViolationException.Require(refusal is null, "founding", $"{to.Name} refuses {node.Name}: {refusal}");
            _links[to.Index, node.Index].Introductions++;
            to.Replica.Disconnected(node.Id);
            to.Replica.Connected(node.Id);
        }));
    }

    private void Deliver(Link link, SimulatedNode from, SimulatedNode to, byte[] frame)
    {
        long atUs = _world.NowUs + (_world.Knobs.LinkUs / 8) + _world.Delay(_generator, _world.Knobs.LinkUs);
        if (!_world.IsCalm && _generator.Chance(_world.Knobs.Straggling))
        {
            _world.Tally.Fault("frame delayed");
            atUs += _generator.Delay(_world.Knobs.ElectionMs * 1000L);
        }

        atUs = Math.Max(atUs, link.ClogUntilUs);
        if (_world.Knobs.InOrder)
        {
            atUs = Math.Max(atUs, link.LastArrivalUs);
            link.LastArrivalUs = atUs;
        }

        _world.After(atUs - _world.NowUs, () => to.Post(() =>
        {
            _world.Note(TraceKind.Deliver, to.Index, from.Index, Mix.Of(0, frame), frame);
            bool isWellFormed = to.Replica!.Receive(from.Id, frame);
            ViolationException.Require(isWellFormed, "frame", $"{to.Name} calls a frame of {from.Name} malformed: {FrameText.Of(frame)}");
        }));
    }

    private sealed class Link
    {
        public bool IsConnected { get; set; }

        public int Introductions { get; set; }

        public int Cuts { get; set; }

        public long ClogUntilUs { get; set; }

        public long LastArrivalUs { get; set; }
    }
}
