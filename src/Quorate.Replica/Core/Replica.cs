using Quorate.Codec;
using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Replica;

/// <summary>
/// One node's part in one group: keeps the log, runs the protocol of the configuration in force, applies what is decided and
/// answers those who asked (DESIGN §1). Deterministic and single-threaded: inputs and a time go in, calls on
/// <see cref="IReplicaHost"/> come out. After a handful of inputs the driver calls <see cref="Flush"/>, which does for all of
/// them together what can be done together: one entry, one message a peer, one write, one publication.
/// </summary>
public sealed partial class Replica
{
    private readonly ReplicaOptions _options;
    private readonly IReplicaHost _host;
    private readonly ByteWriter _scratch = new();
    private readonly ByteWriter _frame = new();
    private readonly Effects _effects;
    private readonly SeededGenerator _generator;
    private NodeIdentity _identity;
    private Configuration? _configuration;
    private IProtocol? _protocol;
    private Instant _now;

    /// <summary>Brings a replica to life from what its disk held.</summary>
    /// <param name="recovered">What <see cref="ReplicaRecovery"/> found; owned by the replica from here on.</param>
    /// <param name="options">Its knobs.</param>
    /// <param name="host">Its driver.</param>
    /// <param name="now">The time.</param>
    public Replica(RecoveredReplica recovered, ReplicaOptions options, IReplicaHost host, Instant now)
    {
        _options = options;
        _host = host;
        _now = now;
        _identity = recovered.Identity;
        _configuration = recovered.Configuration;
        _log = recovered.Log;
        _recordMemory = new RecordMemory(options.RecordChunkBytes);
        _machine = recovered.Machine;
        _disk = recovered.Disk;
        _stateOptions = recovered.StateOptions;
        _snapshotIndex = recovered.SnapshotIndex;
        _snapshotBytes = recovered.SnapshotBytes;
        _snapshots = new SnapshotSchedule(options.SnapshotAfterLogBytes, recovered.LoggedBytes, now);
        Watches = new WatchHub(options.Watches with { Seed = options.Seed }, _machine.Current);
        _machine.Observer = Watches;
        _ballots = recovered.Ballots;
        _nextPosition = recovered.LastPosition + 1;
        _durable = recovered.LastPosition;
        _appliedBallot = recovered.AppliedBallot;
        _pending = new PendingRequests(options.MaxPendingCommands);
        _gathering = new Gathering(options.MaxGatherTime, options.GatherCommands);
        _leaseClock = new LeaseClock(options.ElectionTimeout);
        _generator = new SeededGenerator(options.Seed ^ _identity.Node.Value ^ ((ulong)_identity.Boot << 32));
        _effects = new Effects(this);
        _founding = options.Founding is null ? null : new Founding(_identity, options.Founding);
        BeginRepair(recovered);
        if (_configuration is not null)
        {
            StartProtocol();
        }
    }

    /// <summary>Who this node is.</summary>
    public NodeIdentity Identity => _identity;

    /// <summary>The configuration in force; <see langword="null"/> before founding.</summary>
    public Configuration? Configuration => _configuration;

    /// <summary>The watchers of this node's clients. Every call on it is made between two inputs of the replica.</summary>
    public WatchHub Watches { get; }

    /// <summary>A reading of what this replica believes.</summary>
    public ReplicaStatus Status
    {
        get
        {
            ProtocolStatus protocol = _protocol?.Status ?? new ProtocolStatus(Role.Follower, NodeId.None, Ballot.Zero, _ballots);
            return new ReplicaStatus(_identity, _configuration, protocol, _log.Last, _log.Decided, _machine.AppliedIndex, _appliedBallot.Round);
        }
    }

    /// <summary>When <see cref="Flush"/> has something to do even if nothing comes; <see langword="null"/> before the next tick or input.</summary>
    public Instant? FlushAt => _batchOpen ? _gathering.Until : null;

    /// <summary>The log, for oracles.</summary>
    internal ILog Log => _log;

    /// <summary>The protocol in force, for oracles.</summary>
    internal IProtocol? Protocol => _protocol;

    /// <summary>It is <paramref name="now"/>; what waits for a time waits on for the next <see cref="Tick"/>, but for what <see cref="FlushAt"/> tells.</summary>
    public void Advance(Instant now)
    {
        Invariant.Check(now >= _now, "Time never runs backwards.");
        _now = now;
    }

    /// <summary>Time has come to <paramref name="now"/>. Followed by <see cref="Flush"/>.</summary>
    public void Tick(Instant now)
    {
        Advance(now);
        _leaseClock.Tick(now);
        _protocol?.Tick(now);
        TickFounding();
        TickReads();
        TickPull();
        TickRepair();
        TickHandOver();
        if (_now >= _sendAgainAt)
        {
            ForwardAgain(all: false);
        }

        RefuseOverdue();
        Watches.Tick(now.Microseconds / 1000);
    }

    /// <summary>A frame came from a peer. Its bytes may be reused after the call. Malformed frames are dropped.</summary>
    /// <returns>Whether the frame was well formed; a driver closes the connection of a peer that sends nonsense.</returns>
    public bool Receive(NodeId from, ReadOnlyMemory<byte> frame)
    {
        var reader = new ByteReader(frame.Span);
        var kind = (FrameKind)reader.Byte();
        if (kind == FrameKind.Hello)
        {
            return ReceiveHello(from, frame.Span[1..]);
        }

        if (_protocol is null || _configuration!.Find(from) is null)
        {
            return !reader.Failed;
        }

        switch (kind)
        {
            case FrameKind.Protocol:
                return ReceiveProtocol(from, frame[1..]);
            case FrameKind.Forward:
                return ReceiveForward(from, ref reader);
            case FrameKind.ForwardRefused:
                return ReceiveForwardRefused(ref reader);
            case FrameKind.BarrierAsk:
                return ReceiveBarrierAsk(from, ref reader);
            case FrameKind.BarrierAnswer:
                return ReceiveBarrierAnswer(ref reader);
            case FrameKind.PullRequest:
                return ReceivePullRequest(from, ref reader);
            case FrameKind.PullEntries:
                return ReceivePullEntries(from, ref reader);
            case FrameKind.RepairAsk:
                return ReceiveRepairAsk(from, ref reader);
            case FrameKind.RepairEntries:
                return ReceiveRepairEntries(from, ref reader);
            case FrameKind.StateHash:
                return ReceiveStateHash(from, ref reader);
            case FrameKind.SnapshotOffer:
                return ReceiveSnapshotOffer(from, ref reader);
            case FrameKind.SnapshotAsk:
                return ReceiveSnapshotAsk(from, ref reader);
            case FrameKind.SnapshotChunk:
                return ReceiveSnapshotChunk(from, ref reader);
            default:
                return false;
        }
    }

    /// <summary>A connection to this peer is open, in both directions.</summary>
    public void Connected(NodeId peer)
    {
        _connected.Add(peer);
        if (peer == _leader)
        {
            ForwardAgain(all: true);
        }
    }

    /// <summary>The connection to this peer was closed: a hint, never a proof.</summary>
    public void Disconnected(NodeId peer)
    {
        if (_connected.Remove(peer))
        {
            _protocol?.Disconnected(peer);
        }
    }

    /// <summary>
    /// The driver has handed over every input it had. Returns whether there is more to do at once, without new input.
    /// </summary>
    public bool Flush()
    {
        SettleRepair();
        SendCommands();
        AskBarriers();
        _protocol?.Flush();
        WriteRecords();
        bool more = ApplyDecided();
        ServeReads();
        ServeWhenMended();
        SaveSnapshotWhenDue();
        return more | Watches.Work() | _records.Count > 0;
    }

    private bool Planted(ReplicaPlants plant) => (_options.Plants & plant) != 0;

    private bool ReceiveProtocol(NodeId from, ReadOnlyMemory<byte> bytes)
    {
        if (!Protocols.TryDecode(_configuration!.Protocol, bytes, out ProtocolMessage? message))
        {
            return false;
        }

        _protocol!.Receive(from, message!);
        return true;
    }

    private void StartProtocol()
    {
        _protocol = Protocols.Create(_configuration!, _identity.Node, _log, _ballots, _effects, _generator.Split(), _options);
        _host.Configured(_identity, _configuration!);
        _protocol.Tick(_now);
    }
}
