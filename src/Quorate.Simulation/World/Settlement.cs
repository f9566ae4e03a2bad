using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>
/// R17. A random quorum is healed; every other node is down, cut off, or can speak without hearing, for ever. Within a bound
/// the healed ones must agree on a leader, serve writes and reads at each of them, tell watchers everything, and then stay as
/// they are.
/// </summary>
internal sealed class Settlement(World world, SeededGenerator generator)
{
    private readonly List<SimulatedNode> _core = [];
    private readonly List<SimulatedNode> _rest = [];

    private long BoundUs => (2 * world.RequestTimeoutUs) + (40L * world.Knobs.ElectionMs * 1000);

    public void Run()
    {
        world.Nemesis.Stop();
        world.IsCalm = true;
        world.Workload.IsClosed = true;
        DrawCore();
        world.Reachable = _core;
        world.Note(TraceKind.Phase, -1, detail: $"heal {string.Join(' ', _core.ConvertAll(node => node.Name))}");
        Heal();
        Freeze();
        Serve();
        CatchUp();
        StayCalm();
        CompareStates();
    }

    // A node whose disk has lost something needs a majority of the others to be mended, and then it must be.
    private void DrawCore()
    {
        _core.AddRange(world.Nodes.Where(node => !node.IsWounded));
        while (_core.Count > (world.Nodes.Length / 2) + 1)
        {
            int at = (int)generator.Below((ulong)_core.Count);
            _rest.Add(_core[at]);
            _core.RemoveAt(at);
        }

        _core.AddRange(world.Nodes.Where(node => node.IsWounded));
    }

    private void Heal()
    {
        foreach (SimulatedNode node in _core)
        {
            if (!node.IsUp)
            {
                node.Start(mayDie: false);
            }

            node.Resume();
            node.SlowDisk(1);
            foreach (SimulatedNode other in _core)
            {
                world.Network.HealAll(node, other);
            }
        }
    }

    private void Freeze()
    {
        foreach (SimulatedNode node in _rest)
        {
            bool speaks = generator.Chance(400);
            foreach (SimulatedNode other in world.Nodes)
            {
                if (other != node)
                {
                    world.Network.HealAll(node, other);
                    world.Network.CutForGood(other, node);
                    if (!speaks)
                    {
                        world.Network.CutForGood(node, other);
                    }
                }
            }
        }
    }

    // Every healed node takes one write and one read, each asked for until it is done.
    private void Serve()
    {
        int missing = 0;
        foreach (SimulatedNode node in _core)
        {
            missing += 2;
            Ask(node, isRead: false, () => missing--);
            Ask(node, isRead: true, () => missing--);
        }

        world.RunUntil(world.NowUs + BoundUs, () => missing == 0);
        ViolationException.Require(missing == 0, "R17", $"{missing} requests are not served by the healed nodes within {BoundUs / 1000} ms");
    }

    private void Ask(SimulatedNode node, bool isRead, Action whenDone)
    {
        var client = new Once(world, outcome =>
        {
            if (outcome == Outcome.Done)
            {
                whenDone();
            }
            else
            {
                world.After(20_000, () => Ask(node, isRead, whenDone));
            }
        });
        if (isRead)
        {
            client.Read("k", node);
        }
        else
        {
            client.Send(new State.PutCommand(Operation.BytesOf("k-end"), Operation.BytesOf(node.Name)), node);
        }
    }

    private void CatchUp()
    {
        foreach (WatchClient watcher in world.Workload.Watchers)
        {
            if (watcher.Node is null || _rest.Contains(watcher.Node))
            {
                watcher.MoveTo(_core[0]);
            }
        }

        bool isDone = false;
        world.RunUntil(world.NowUs + BoundUs, () => isDone = isDone || IsCaughtUp());
        ViolationException.Require(isDone, "R17", $"not all is known everywhere within {BoundUs / 1000} ms: {Laggards()}");
    }

    private bool IsCaughtUp() => Laggards().Length == 0;

    private string Laggards()
    {
        var laggards = new List<string>();
        foreach (SimulatedNode node in _core)
        {
            if (node.IsWounded)
            {
                laggards.Add($"{node.Name} is not mended");
            }

            if (node.State!.AppliedIndex < world.Judge.Decided)
            {
                laggards.Add($"{node.Name} applied {node.State.AppliedIndex} of {world.Judge.Decided}");
            }
        }

        foreach (WatchClient watcher in world.Workload.Watchers)
        {
            if (watcher.Next != 0 && watcher.NextDue() <= world.Judge.Model.Revision)
            {
                laggards.Add($"{watcher.Name} misses revision {watcher.NextDue()} of {world.Judge.Model.Revision}");
            }
        }

        return string.Join(", ", laggards);
    }

    // Terms stop rising: nobody outside can depose a leader that its quorum hears.
    private void StayCalm()
    {
        // A transfer that was asked for during the faults may still be on its way.
        world.RunUntil(world.NowUs + (4L * world.Knobs.ElectionMs * 1000), () => false);
        ulong before = HighestRound();
        SimulatedNode? leader = world.Leader();
        world.RunUntil(world.NowUs + (8L * world.Knobs.ElectionMs * 1000), () => false);
        ViolationException.Require(
            HighestRound() == before && world.Leader() == leader, "R17",
            $"the healed nodes went from round {before} to {HighestRound()} with nothing to provoke it");
    }

    private ulong HighestRound()
    {
        ulong highest = 0;
        foreach (SimulatedNode node in _core)
        {
            highest = Math.Max(highest, node.Replica!.Protocol!.Status.Ballots.Round);
        }

        return highest;
    }

    private void CompareStates()
    {
        foreach (SimulatedNode node in _core)
        {
            world.Judge.CheckRange(node, node.State!, "k", 0);
            world.Judge.CheckRange(node, node.State!, "j", 0);
            ViolationException.Require(node.State!.ComputeStateHash() == node.State.StateHash, "state", $"{node.Name} keeps a wrong state hash");
        }

        if (world.Judge.Model.Expiries > 0)
        {
            world.Tally.See("lease ran out");
        }
    }
}
