using System.Text;

namespace Quorate.Consensus.Tests;

/// <summary>
/// A cluster driven by chance from one seed, through loss, duplication, reordering, partitions, crashes that lose what was
/// not flushed, false hints, transfers, trimming and pulling; then healed, when it must come to rest and stay there.
/// </summary>
internal sealed class RandomWalk
{
    private static readonly RaftOptions FastClock = new()
    {
        HeartbeatInterval = TimeSpan.FromMilliseconds(20),
        ElectionTimeout = TimeSpan.FromMilliseconds(100),
    };

    private readonly TestCluster _cluster;
    private readonly SeededGenerator _chance;
    private readonly int _lossPerMille;
    private readonly int _duplicationPerMille;
    private readonly int _crashPerMille;
    private readonly int _partitionPerMille;
    private readonly int _flushWeight;
    private readonly int _tickWeight;
    private readonly ulong _window;
    private ulong _lastId;

    public RandomWalk(ulong seed, int voters, int learners, RaftPlants plants, List<string>? trace = null)
    {
        _chance = new SeededGenerator(seed);
        RaftOptions options = FastClock with
        {
            Plants = plants,
            MaxMessageBytes = _chance.Chance(500) ? 6 : 1 << 20,
            MaxInflightMessages = _chance.Chance(500) ? 2 : 256,
            MaxUndecidedBytes = _chance.Chance(200) ? 200 : 64 << 20,
        };
        _cluster = new TestCluster(voters, learners, options, _chance.Next(), trace);

        // The climate of a run is itself drawn, so that rare mixtures come up too.
        _lossPerMille = Draw(0, 0, 20, 200);
        _duplicationPerMille = Draw(0, 10, 100);
        _crashPerMille = Draw(0, 4, 12, 30);
        _partitionPerMille = Draw(0, 2, 10);
        _flushWeight = Draw(20, 80, 250);
        _tickWeight = Draw(60, 120, 300);
        _window = (ulong)Draw(1, 4, 30);
    }

    public TestCluster Cluster => _cluster;

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Step();
            _cluster.Oracle.CheckState();
        }

        ComeToRest();
        StayAtRest();
    }

    private int Draw(params int[] values) => values[(int)_chance.Below((ulong)values.Length)];

    private TestNode Any() => _cluster.Nodes[(int)_chance.Below((ulong)_cluster.Nodes.Length)];

    private void Step()
    {
        TestNode node = Any();
        if (_chance.Chance(_crashPerMille))
        {
            CrashOrStart(node);
        }
        else if (_chance.Chance(_partitionPerMille))
        {
            Partition(node);
        }
        else if (_chance.Chance(_flushWeight))
        {
            FlushSome(node);
        }
        else if (_chance.Chance(_tickWeight))
        {
            TickAll(TimeSpan.FromMilliseconds(1 + (int)_chance.Below(8)));
        }
        else if (_chance.Chance(80))
        {
            Ask(node);
        }
        else if (_chance.Chance(10))
        {
            Disturb(node);
        }
        else
        {
            ServePull(node);
            DeliverSome();
        }
    }

    private void CrashOrStart(TestNode node)
    {
        if (!node.IsUp)
        {
            node.Start();
        }
        else if (_chance.Chance(400))
        {
            node.Crash();
        }
    }

    private void Partition(TestNode node)
    {
        switch (_chance.Below(6))
        {
            case 0:
                _cluster.Isolate((_cluster.Leader ?? node).Id);
                break;
            case 1:
                _cluster.CutBoth(node.Id, Any().Id);
                break;
            case 2:
                _cluster.Cut[(int)node.Id.Value, (int)Any().Id.Value] = true;
                break;
            default:
                _cluster.Heal();
                break;
        }
    }

    private void FlushSome(TestNode node)
    {
        if (node.IsUp && node.HasUnflushed)
        {
            node.Flush(1 + (int)_chance.Below((ulong)node.UnflushedRecords));
            node.Protocol!.Flush();
        }
    }

    private void TickAll(TimeSpan span)
    {
        foreach (TestNode node in _cluster.Nodes.Where(node => node.IsUp))
        {
            node.Tick(span);
            node.Protocol!.Flush();
        }
    }

    private void Ask(TestNode node)
    {
        // A leader that was deposed and does not know it yet is asked too: there the worst bugs live.
        TestNode asked = node.Protocol?.Status.Role == Role.Leader || _chance.Chance(100) ? node : _cluster.Leader ?? node;
        if (!asked.IsUp)
        {
            return;
        }

        if (_chance.Chance(600))
        {
            List<ReadOnlyMemory<byte>> commands = [];
            for (ulong i = _chance.Below(4); i < 4; i++)
            {
                commands.Add(Encoding.UTF8.GetBytes($"c{++_lastId}"));
            }

            asked.Protocol!.Propose(commands);
        }
        else
        {
            _cluster.Oracle.OnBarrierAsked(asked, ++_lastId);
            asked.Protocol!.Barrier(_lastId);
        }

        if (_chance.Chance(700))
        {
            asked.Protocol.Flush();
        }
    }

    private void Disturb(TestNode node)
    {
        if (!node.IsUp)
        {
            return;
        }

        switch (_chance.Below(3))
        {
            case 0:
                node.Protocol!.Disconnected(Any().Id);
                break;
            case 1:
                node.Protocol!.TransferTo(Any().Id);
                break;
            default:
                node.Trim(node.First + _chance.Below(node.Decided + 2 - node.First));
                break;
        }

        node.Protocol!.Flush();
    }

    private void ServePull(TestNode node)
    {
        TestNode from = Any();
        if (node.IsUp && from.IsUp && node.NeedsFrom > 0 && from.Decided > node.Decided)
        {
            node.Pull(from, node.Decided + 1 + _chance.Below(from.Decided - node.Decided), _chance.Chance(500));
            node.Protocol!.Flush();
        }
    }

    private void DeliverSome()
    {
        if (_cluster.Network.Count == 0)
        {
            return;
        }

        int at = (int)_chance.Below(Math.Min(_window, (ulong)_cluster.Network.Count));
        Transit transit = _cluster.Network[at];
        if (!_chance.Chance(_duplicationPerMille))
        {
            _cluster.Network.RemoveAt(at);
        }

        if (!_chance.Chance(_lossPerMille))
        {
            _cluster.Deliver(transit);
        }
    }

    /// <summary>R17: once all faults are gone, a leader comes and everything is decided everywhere.</summary>
    private void ComeToRest()
    {
        _cluster.Heal();
        foreach (TestNode node in _cluster.Nodes.Where(node => !node.IsUp))
        {
            node.Start();
        }

        // Twenty election timeouts: a few for what is left of the faults, the rest for split votes.
        RunQuietly(500);
        TestNode leader = _cluster.Leader ?? throw new OracleException("R17", "no leader came");
        ulong before = leader.Last;
        leader.Protocol!.Propose([Encoding.UTF8.GetBytes("last")]);
        leader.Protocol.Flush();
        if (leader.Last != before + 1)
        {
            throw new OracleException("R17", "the leader takes no command");
        }

        _cluster.Oracle.OnBarrierAsked(leader, ++_lastId);
        int passed = _cluster.Oracle.BarriersPassed;
        leader.Protocol.Barrier(_lastId);
        RunQuietly(60);
        foreach (TestNode node in _cluster.Nodes.Where(node => node.Decided != before + 1))
        {
            throw new OracleException("R17", $"{node.Name} stays at {node.Decided} of {before + 1}");
        }

        if (_cluster.Oracle.BarriersPassed == passed)
        {
            throw new OracleException("R17", "a barrier does not pass");
        }
    }

    /// <summary>R17, T5, T6: a follower that was cut off for long, and hints that are false, unseat nobody.</summary>
    private void StayAtRest()
    {
        TestNode leader = _cluster.Leader!;
        ulong round = leader.Protocol!.Status.Ballots.Round;
        Configuration configuration = _cluster.Configuration;
        if (configuration.VoterCount - 1 >= configuration.Quorum)
        {
            TestNode follower = _cluster.Nodes.First(node => node != leader);
            _cluster.Isolate(follower.Id);
            RunQuietly(120);
            _cluster.Heal();
            RunQuietly(30);
            follower.Protocol!.Disconnected(leader.Id);
        }

        RunQuietly(60);
        foreach (TestNode node in _cluster.Nodes)
        {
            ProtocolStatus status = node.Protocol!.Status;
            if (status.Leader != leader.Id || status.Ballots.Round != round)
            {
                throw new OracleException("R17", $"{node.Name} is in r{status.Ballots.Round} under {status.Leader}, not r{round}");
            }
        }
    }

    private void RunQuietly(int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            TickAll(TimeSpan.FromMilliseconds(4));
            foreach (TestNode node in _cluster.Nodes)
            {
                if (node.HasUnflushed)
                {
                    node.Flush(node.UnflushedRecords);
                    node.Protocol!.Flush();
                }

                ServePull(node);
            }

            List<Transit> due = [.. _cluster.Network];
            _cluster.Network.Clear();
            due.ForEach(_cluster.Deliver);
            _cluster.Oracle.CheckState();
        }
    }
}
