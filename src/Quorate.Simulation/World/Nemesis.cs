using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>Brings the faults that the climate allows, each kind by its own clock, until it is told to stop.</summary>
internal sealed class Nemesis
{
    private readonly World _world;
    private readonly SeededGenerator _generator;
    private bool _isOver;

    public Nemesis(World world, SeededGenerator generator)
    {
        _world = world;
        _generator = generator;
    }

    public void Start()
    {
        Knobs knobs = _world.Knobs;
        Every(knobs.CrashEveryUs, CrashOne);
        Every(knobs.CrashAllEveryUs, CrashAll);
        Every(knobs.PauseEveryUs, PauseOne);
        Every(knobs.ResetEveryUs, Reset);
        Every(knobs.SlowDiskEveryUs, SlowDisk);
        Every(knobs.TransferEveryUs, Transfer);
        if (_world.Nodes.Length > 1)
        {
            Every(knobs.PartitionEveryUs, Partition);
            Every(knobs.ClogEveryUs, Swizzle);
            Every(knobs.LeaderCutEveryUs, CutLeaderOff);
        }
    }

    public void Stop() => _isOver = true;

    /// <summary>A node goes down at this very moment, and comes back some time later unless the faults are over.</summary>
    public void CrashNow(SimulatedNode node, CrashMode mode)
    {
        node.Crash(mode);
        RestartLater(node);
    }

    private void RestartLater(SimulatedNode node)
    {
        int life = node.Life;
        _world.After(_generator.Between(20_000L, 2_500_000), () =>
        {
            if (_isOver || node.IsUp || node.Life != life)
            {
                return;
            }

            Rot(node);
            if (!node.Start(mayDie: true))
            {
                RestartLater(node);
            }
        });
    }

    // Never more than a minority at once: what a majority holds whole can always be fetched again.
    private void Rot(SimulatedNode node)
    {
        int wounded = _world.Nodes.Count(other => other.IsWounded && other != node);
        if (_world.Knobs.Rot == 0 || wounded >= (_world.Nodes.Length - 1) / 2 || !_generator.Chance(_world.Knobs.Rot))
        {
            return;
        }

        string done = DiskRot.Strike(node.Disk, _generator);
        if (done.Length > 0)
        {
            node.IsWounded = true;
            _world.Tally.Fault("disk rot");
            _world.Note(TraceKind.Fault, node.Index, detail: done);
        }
    }

    private void Every(long meanUs, Action fault)
    {
        if (meanUs > 0)
        {
            _world.After(_generator.Between(meanUs / 4, meanUs * 2), () =>
            {
                if (!_isOver)
                {
                    fault();
                    Every(meanUs, fault);
                }
            });
        }
    }

    // Half of the time whoever leads, since that is where the interesting things happen.
    private SimulatedNode DrawNode() =>
        _generator.Chance(500) && _world.Leader() is { } leader ? leader : _generator.Pick<SimulatedNode>(_world.Nodes);

    private void CrashOne()
    {
        SimulatedNode node = DrawNode();
        if (node.IsUp)
        {
            CrashNow(node, node.DrawMode());
        }
    }

    private void CrashAll()
    {
        _world.Tally.Fault("all nodes crash at once");
        foreach (SimulatedNode node in _world.Nodes)
        {
            if (node.IsUp)
            {
                CrashNow(node, node.DrawMode());
            }
        }

        _world.Judge.CheckQuorumLog();
    }

    private void PauseOne()
    {
        SimulatedNode node = DrawNode();
        if (!node.IsUp || node.IsPaused)
        {
            return;
        }

        _world.Tally.Fault("pause");
        node.Pause();
        node.After(_generator.Between(20_000L, 2_000_000), node.Resume);
    }

    private void Reset()
    {
        SimulatedNode a = DrawNode();
        SimulatedNode b = _generator.Pick<SimulatedNode>(_world.Nodes);
        if (a != b)
        {
            _world.Tally.Fault("connection broken");
            _world.Network.Break(a, b);
        }
    }

    private void SlowDisk()
    {
        SimulatedNode node = DrawNode();
        _world.Tally.Fault("slow disk");
        node.SlowDisk(_generator.Pick(5, 30));
        _world.After(_generator.Between(100_000L, 2_000_000), () => node.SlowDisk(1));
    }

    private void Transfer()
    {
        SimulatedNode node = DrawNode();
        SimulatedNode target = _generator.Pick<SimulatedNode>(_world.Nodes);
        _world.Tally.Fault("leader transfer");
        node.Post(() => node.Replica!.TransferTo(target.Id));
    }

    private void Partition()
    {
        bool isOneWay = _generator.Chance(350);
        Divide(DrawSide(), isOneWay, _generator.Between(50_000L, 3_000_000));
    }

    // Just long enough for an election behind its back, with whatever its clients still give it left undecided.
    private void CutLeaderOff()
    {
        if (_world.Leader() is { } leader)
        {
            var side = new bool[_world.Nodes.Length];
            side[leader.Index] = true;
            long electionUs = _world.Knobs.ElectionMs * 1000L;
            Divide(side, isOneWay: _generator.Chance(200), _generator.Between(electionUs, 4 * electionUs));
        }
    }

    private void Divide(bool[] side, bool isOneWay, long lastsUs)
    {
        bool isOutward = _generator.Chance(500);
        var cut = new List<(SimulatedNode From, SimulatedNode To)>();
        foreach (SimulatedNode from in _world.Nodes)
        {
            foreach (SimulatedNode to in _world.Nodes)
            {
                if (side[from.Index] != side[to.Index] && (!isOneWay || side[from.Index] == isOutward))
                {
                    cut.Add((from, to));
                }
            }
        }

        _world.Tally.Fault(isOneWay ? "one-way partition" : "partition");
        _world.Note(TraceKind.Fault, -1, detail: $"partition {string.Join(' ', cut.ConvertAll(link => $"{link.From.Name}-/->{link.To.Name}"))}");
        cut.ForEach(link => _world.Network.Cut(link.From, link.To));
        _world.After(lastsUs, () => cut.ForEach(link => _world.Network.Heal(link.From, link.To)));
    }

    private bool[] DrawSide()
    {
        var side = new bool[_world.Nodes.Length];
        if (_generator.Chance(500))
        {
            side[DrawNode().Index] = true;
            return side;
        }

        for (int i = 0; i < side.Length; i++)
        {
            side[i] = _generator.Chance(500);
        }

        return side;
    }

    // FoundationDB's best bug finder: some links stop one by one, and go on in another order.
    private void Swizzle()
    {
        _world.Tally.Fault("swizzled links");
        foreach (SimulatedNode from in _world.Nodes)
        {
            foreach (SimulatedNode to in _world.Nodes)
            {
                if (from != to && _generator.Chance(400))
                {
                    long startUs = _generator.Between(0L, 200_000);
                    long untilUs = _world.NowUs + startUs + _generator.Between(10_000L, 1_500_000);
                    _world.After(startUs, () => _world.Network.Clog(from, to, untilUs));
                }
            }
        }
    }
}
