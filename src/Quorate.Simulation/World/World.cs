using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>Virtual time and everything in it: what is going to happen, who lives there, and who watches them.</summary>
internal sealed class World
{
    private readonly EventQueue _events = new();

    public World(Knobs knobs, Plants plants, SeededGenerator generator)
    {
        Knobs = knobs;
        Plants = plants;
        StateOptions = new StateOptions
        {
            Sessions = new SessionLimits
            {
                MaxSessions = knobs.MaxSessions,
                Window = knobs.SessionWindow,
                MaxIdle = TimeSpan.FromMilliseconds(knobs.SessionIdleMs),
            },
            Plants = plants.State,
        };
        Tally = new Tally();
        Judge = new Judge(this);
        Network = new VirtualNetwork(this, generator.Split());
        Nodes = new SimulatedNode[knobs.Nodes];
        Reachable = Nodes;
        for (int i = 0; i < Nodes.Length; i++)
        {
            Nodes[i] = new SimulatedNode(this, i, generator.Split());
        }

        Workload = new Workload(this, generator.Split());
        Nemesis = new Nemesis(this, generator.Split());
    }

    public Knobs Knobs { get; }

    public Plants Plants { get; }

    /// <summary>The knobs of every node's state machine.</summary>
    public StateOptions StateOptions { get; }

    public long NowUs { get; private set; }

    public Trace Trace { get; } = new();

    public Tally Tally { get; }

    public Judge Judge { get; }

    public VirtualNetwork Network { get; }

    public SimulatedNode[] Nodes { get; }

    /// <summary>The nodes that clients turn to.</summary>
    public IReadOnlyList<SimulatedNode> Reachable { get; set; }

    public Workload Workload { get; }

    public Nemesis Nemesis { get; }

    /// <summary>Whether all chance faults are over: loss, duplication, stragglers, death in the middle of a write.</summary>
    public bool IsCalm { get; set; }

    /// <summary>How long a replica lets a request wait.</summary>
    public long RequestTimeoutUs => 5_000_000 + (2L * Knobs.ElectionMs * 1000);

    public long Events { get; private set; }

    /// <summary>Lets something happen later; 0 is after everything that is already due now.</summary>
    public void After(long delayUs, Action action) => _events.Add(NowUs + delayUs, action);

    /// <summary>A delay of links and disks, whose tail ends with the other faults.</summary>
    public long Delay(SeededGenerator generator, long meanUs) => IsCalm ? generator.Between(0L, meanUs * 2) : generator.Delay(meanUs);

    /// <summary>Runs until the given time, or until <paramref name="isOver"/> says so.</summary>
    public void RunUntil(long untilUs, Func<bool> isOver)
    {
        while (_events.Count > 0 && NowUs < untilUs && !isOver())
        {
            Action next = _events.Take(out long atUs);
            NowUs = atUs;
            Events++;
            next();
        }
    }

    public void Note(TraceKind kind, int node, int other = -1, ulong number = 0, object? detail = null) =>
        Trace.Note(NowUs, kind, node, other, number, detail);

    /// <summary>The node with this identity.</summary>
    public SimulatedNode Find(NodeId id)
    {
        foreach (SimulatedNode node in Nodes)
        {
            if (node.Id == id)
            {
                return node;
            }
        }

        throw new ViolationException("world", $"Node {id} is spoken of, but there is none.");
    }

    /// <summary>A node that believes it leads, the one of the highest round; <see langword="null"/> if none does.</summary>
    public SimulatedNode? Leader()
    {
        SimulatedNode? found = null;
        ulong highest = 0;
        foreach (SimulatedNode node in Nodes)
        {
            ProtocolStatus status = node.Replica?.Protocol?.Status ?? default;
            if (status.Role == Role.Leader && status.Ballot.Round > highest)
            {
                highest = status.Ballot.Round;
                found = node;
            }
        }

        return found;
    }
}
