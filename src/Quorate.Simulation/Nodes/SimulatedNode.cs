using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Simulation;

/// <summary>
/// One node of the virtual world: a real replica on a virtual disk, driven in turns as the node's loop drives it, and a log
/// thread that is only a delay. It lives many lives; what was scheduled in one does not happen in the next.
/// </summary>
internal sealed partial class SimulatedNode
{
    private const long TickUs = 10_000;

    private readonly World _world;
    private readonly SeededGenerator _generator;
    private readonly long _driftPpm;
    private List<Action> _inbox = [];
    private List<Action> _turnInputs = [];
    private bool _isTurnDue;
    private bool _isTickDue;
    private long _bornAtUs;

    public SimulatedNode(World world, int index, SeededGenerator generator)
    {
        _world = world;
        _generator = generator;
        Index = index;
        Name = $"n{index + 1}";
        Id = new NodeId(generator.Next() | 1);
        Disk = new VirtualDisk(generator.Split());
        _driftPpm = world.Knobs.DriftPpm == 0 ? 0 : generator.Between(-(long)world.Knobs.DriftPpm, world.Knobs.DriftPpm);
        _log = new LogThread(world, this, generator.Split());
        _diskWorker = new DiskThread(world, this, generator.Split());
    }

    public int Index { get; }

    public string Name { get; }

    public NodeId Id { get; }

    public VirtualDisk Disk { get; }

    /// <summary>The replica of the present life; <see langword="null"/> while the node is down.</summary>
    public Replica.Replica? Replica { get; private set; }

    /// <summary>The state published last.</summary>
    public StateVersion? State { get; private set; }

    /// <summary>Which life this is; a node that is down is between two.</summary>
    public int Life { get; private set; }

    public bool IsUp => Replica is not null;

    public bool IsPaused { get; private set; }

    /// <summary>Whether its disk has lost something, as far as is known, that it has not fetched again.</summary>
    public bool IsWounded { get; set; }

    /// <summary>Whether the inputs of its turn are all taken, so that the records of what they did come before anything is said of them.</summary>
    public bool IsFlushing { get; private set; }

    /// <summary>How often it was paused; whoever measures its patience looks here.</summary>
    public int Pauses { get; private set; }

    public string PeerAddress => $"{Name}:2380";

    private Instant Clock => new((_world.NowUs - _bornAtUs) * (1_000_000 + _driftPpm) / 1_000_000);

    /// <summary>Starts the node on whatever its disk holds. It may die while it recovers, and then stays down.</summary>
    /// <returns>Whether it lives.</returns>
    public bool Start(bool mayDie)
    {
        Invariant.Check(!IsUp, "A node is started when it is down.");
        RecoveredReplica recovered;
        try
        {
            if (mayDie && _generator.Chance(_world.Knobs.DieInDisk * 20))
            {
                Disk.DieAfter(_generator.Between(0, 40));
            }

            recovered = ReplicaRecovery.Recover(Disk, Name, Id, LogOptions(), _world.StateOptions);
            Disk.DieAfter(int.MaxValue);
        }
        catch (ProcessDiedException)
        {
            _world.Tally.See("died while recovering");
            Disk.Crash(DrawMode());
            return false;
        }

        Live(recovered);
        return true;
    }

    /// <summary>The node goes down: nothing of it remains but its disk.</summary>
    public void Crash(CrashMode mode)
    {
        Invariant.Check(IsUp, "Only a node that is up can crash.");
        _world.Note(TraceKind.Crash, Index, detail: mode);
        _world.Tally.Fault($"crash ({mode})");
        Replica = null;
        State = null;
        IsFlushing = false;
        Life++;
        IsPaused = false;
        _inbox.Clear();
        _turnInputs = [];
        _isTurnDue = false;
        _log.Die();
        _diskWorker.Die();
        Disk.Crash(mode);
        _world.Network.NodeDied(this, isNoticed: mode == CrashMode.Kill);
        _world.Workload.NodeDied(this);
    }

    public CrashMode DrawMode() =>
        _generator.Pick(CrashMode.Kill, CrashMode.DropAll, CrashMode.KeepAll, CrashMode.Tear, CrashMode.Tear, CrashMode.TearInOrder);

    public void Pause()
    {
        IsPaused = true;
        Pauses++;
        _world.Note(TraceKind.Pause, Index);
    }

    public void Resume()
    {
        if (IsPaused)
        {
            IsPaused = false;
            _world.Note(TraceKind.Resume, Index);
            ScheduleTurn();
        }
    }

    /// <summary>Does something on the disk in which the process may die.</summary>
    /// <returns>Whether it lives on.</returns>
    public bool MayDie(Action action)
    {
        try
        {
            if (!_world.IsCalm && _generator.Chance(_world.Knobs.DieInDisk))
            {
                Disk.DieAfter(_generator.Between(0, 8));
            }

            action();
            Disk.DieAfter(int.MaxValue);
            return true;
        }
        catch (ProcessDiedException)
        {
            _world.Tally.See("died in a call to the disk");
            _world.Nemesis.CrashNow(this, DrawMode());
            return false;
        }
    }

    /// <summary>Gives the replica an input in its next turn, which may be as late as the next tick; lost when the node is down.</summary>
    public void Post(Action input, bool wakes = true)
    {
        if (IsUp)
        {
            _inbox.Add(input);
            if (wakes)
            {
                ScheduleTurn();
            }
        }
    }

    /// <summary>Lets something happen later unless this life ends before.</summary>
    public void After(long delayUs, Action action)
    {
        int life = Life;
        _world.After(delayUs, () =>
        {
            if (Life == life && IsUp)
            {
                action();
            }
        });
    }

    private void Live(RecoveredReplica recovered)
    {
        _world.Note(TraceKind.Restart, Index, number: recovered.Identity.Boot);
        _world.Judge.OnRecovered(this, recovered);
        _world.Tally.SeeIf(IsWounded && recovered.Damage is null, "disk rot that nobody noticed");
        _world.Tally.SeeIf(recovered.Damage is not null && recovered.Repair is null, "disk rot that cost nothing");
        IsWounded = recovered.Repair is not null;
        _world.Tally.SeeIf(IsWounded, recovered.Repair?.Aside.Count > 0 ? "hole with entries behind it" : "hole up to the end");
        _bornAtUs = _world.NowUs;
        _commands = 0;
        _log.Live(recovered.Records);
        State = recovered.Machine.Current;
        Replica = new Replica.Replica(recovered, Options(), this, Clock);
        _isTickDue = true;
        ScheduleTurn();
        After(_generator.Between(0L, TickUs), Tick);
    }

    private void Tick()
    {
        _isTickDue = true;
        if (!IsPaused)
        {
            ScheduleTurn();
        }

        After(TickUs, Tick);
    }

    private void ScheduleTurn()
    {
        if (!_isTurnDue && !IsPaused)
        {
            _isTurnDue = true;
            After(_generator.Between(0L, _world.Knobs.TurnUs), Turn);
        }
    }

    private void Turn()
    {
        _isTurnDue = false;
        if (IsPaused)
        {
            return;
        }

        int life = Life;
        Replica!.Advance(Clock);
        if (_isTickDue)
        {
            _isTickDue = false;
            _world.Note(TraceKind.Tick, Index);
            Replica!.Tick(Clock);
        }

        (_inbox, _turnInputs) = (_turnInputs, _inbox);
        foreach (Action input in _turnInputs)
        {
            input();
        }

        _turnInputs.Clear();
        IsFlushing = true;
        bool more = Replica!.Flush();
        IsFlushing = false;
        Invariant.Check(life == Life, "A node does not die in the middle of its turn.");
        TakeWatchJobs();
        _world.Judge.AfterTurn(this);
        if (IsWounded && Replica.IsMended)
        {
            IsWounded = false;
            _world.Tally.See("hole mended");
        }

        if (more)
        {
            ScheduleTurn();
        }
        else if (Replica.FlushAt is { } flushAt)
        {
            After(Math.Max(0, flushAt.Microseconds - Clock.Microseconds), ScheduleTurn);
        }
    }

    private void TakeWatchJobs()
    {
        while (Replica!.Watches.TryTakeJob(out CatchUpJob? job))
        {
            _world.Tally.See("watch caught up from history");
            After(_generator.Delay(2_000), () =>
            {
                job.Run();
                Post(() => Replica!.Watches.Complete(job));
            });
        }
    }

    private RecordLogOptions LogOptions() => new() { SegmentBytes = _world.Knobs.SegmentBytes, Plants = _world.Plants.Log };

    private ReplicaOptions Options()
    {
        Knobs knobs = _world.Knobs;
        var founders = new List<Founder>();
        foreach (SimulatedNode node in _world.Nodes)
        {
            founders.Add(new Founder(node.Name, node.PeerAddress));
        }

        return new ReplicaOptions
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(knobs.HeartbeatMs),
            ElectionTimeout = TimeSpan.FromMilliseconds(knobs.ElectionMs),
            BarrierRetry = TimeSpan.FromMilliseconds(knobs.ElectionMs),
            ForwardRetry = TimeSpan.FromMilliseconds(knobs.ElectionMs),
            MaxBatchBytes = knobs.MaxBatchBytes,
            MaxGatherTime = TimeSpan.FromMilliseconds(knobs.GatherMs),
            GatherCommands = knobs.GatherCommands,
            MaxApplyBytesPerTurn = knobs.MaxApplyBytes,
            MaxLogBytesInMemory = knobs.MaxLogBytesInMemory,
            RecordChunkBytes = Math.Min(knobs.MaxLogBytesInMemory, 4096),
            SnapshotAfterLogBytes = knobs.SnapshotAfterLogBytes,
            Founding = new FoundingPlan(ProtocolKind.Raft, PeerAddress, $"http://{Name}:2379", founders),
            Seed = Id.Value,
            Watches = new WatchHubOptions
            {
                StreamBytes = knobs.WatchStreamBytes,
                RecentRevisions = knobs.WatchRecentRevisions,
                PromptMessages = knobs.WatchPromptMessages,
                GatherMs = knobs.WatchGatherMs,
                JobRevisions = 16,
                ProgressIntervalMs = 500,
                Plants = _world.Plants.Watch,
            },
            Raft = new RaftOptions
            {
                MaxMessageBytes = knobs.MaxMessageBytes,
                MaxInflightMessages = knobs.MaxInflightMessages,
                Plants = _world.Plants.Raft,
            },
            Plants = _world.Plants.Replica,
        };
    }
}
