using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;

namespace Quorate.Node;

/// <summary>
/// The one thread a group runs on. A turn takes everything that waits, gives it to the replica, flushes replica, network and
/// answers once, and sleeps until the next input or tick.
/// </summary>
internal sealed partial class GroupLoop : IReplicaHost, ILogWorkerOwner, IPeerNetworkOwner, IAsyncDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(10);

    private readonly LoopPoll _poll = new();
    private readonly InputQueue _inputs;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly Replica.Replica _replica;
    private readonly LogWorker _logWorker;
    private readonly DiskWorker _diskWorker;
    private readonly PeerNetwork _network;
    private readonly Outbox _outbox;
    private readonly NodeMetrics _metrics;
    private readonly Action<Exception> _onFatal;
    private volatile bool _stopping;
    private long _leaderlessSince;
    private NodeId _lastLeader;
    private bool _hasPublished;

    public GroupLoop(RecoveredReplica recovered, ReplicaOptions options, QuorateOptions node, ILogger logger, NodeMetrics metrics, Action<Exception> onFatal)
    {
        _metrics = metrics;
        _logger = logger;
        _inputs = new InputQueue(_poll);
        _onFatal = onFatal;
        _patienceWithoutLeader = ElectionTimeoutsBeforeTelling * options.ElectionTimeout;
        Requests = new RequestTable();
        State = recovered.Machine.Publish();
        _leaderlessSince = Stopwatch.GetTimestamp();
        _network = new PeerNetwork(this, node.Name, logger, metrics);
        _outbox = new Outbox(_network);
        _logWorker = new LogWorker(recovered.Records, this, metrics, node.Name);
        _diskWorker = new DiskWorker(work => Add(Input.Call(() => _replica!.WorkDone(work))), failure => ((ILogWorkerOwner)this).LogFailed(failure), node.Name);
        _replica = new Replica.Replica(recovered, options, this, Now);
        Status = _replica.Status;
        _thread = new Thread(Run) { IsBackground = true, Name = $"{node.Name} group" };
    }

    public RequestTable Requests { get; }

    /// <summary>What is applied here.</summary>
    public StateVersion State { get; private set; }

    /// <summary>What the replica believed at the end of the last turn.</summary>
    public ReplicaStatus Status { get; private set; }

    public long LogDiskBytes => _logWorker.DiskBytes;

    /// <summary>Whether writes wait because the disk is full.</summary>
    public bool IsDiskFull { get; private set; }

    /// <summary>Why this node does not serve; <see langword="null"/> while it does.</summary>
    public string? Distrust { get; private set; }

    /// <summary>What the disk had lost and is being fetched from the peers; <see langword="null"/> when nothing is missing.</summary>
    public string? Mending { get; private set; }

    public PeerNetwork Network => _network;

    public NodeMetrics Metrics => _metrics;

    /// <summary>The watchers; another thread than the loop may only read how many there are.</summary>
    public WatchHub Watches => _replica.Watches;

    public TimeSpan LeaderlessFor
    {
        get
        {
            long since = Volatile.Read(ref _leaderlessSince);
            return since == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(since);
        }
    }

    private Instant Now => new(Stopwatch.GetElapsedTime(_origin).Ticks / TimeSpan.TicksPerMicrosecond);

    public void Start() => _thread.Start();

    public bool Add(in Input input) => _inputs.Add(input);

    /// <summary>Runs something on the loop and waits for what it gives.</summary>
    public Task<T> CallAsync<T>(Func<Replica.Replica, T> call)
    {
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool added = Add(Input.Call(() => source.SetResult(call(_replica))));
        return added ? source.Task : Task.FromException<T>(StoppedFailure());
    }

    /// <summary>Runs something on the watch hub, in order with everything else; false once the loop has ended.</summary>
    public bool OnHub(Action<WatchHub> action) => Add(Input.Call(() => action(_replica.Watches)));

    /// <summary>Ends the loop, then the network and the log; fails everybody who waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        Add(Input.Call(() => { }));
        await Task.Run(_thread.Join).ConfigureAwait(false);
        _inputs.Close();
        _poll.Dispose();
        await _network.DisposeAsync().ConfigureAwait(false);
        await Task.Run(_diskWorker.Stop).ConfigureAwait(false);
        await Task.Run(_logWorker.Stop).ConfigureAwait(false);
        Requests.FailAll(StoppedFailure());
    }

    private static GroupException StoppedFailure() => new(GroupError.Stopped, Outcome.Unknown, "The node is stopping.");

    private void Run()
    {
        List<Input> inputs = [];
        Instant nextTick = Now;
        bool more = false;
        try
        {
            while (!_stopping)
            {
                Instant wakeAt = _replica.FlushAt is { } flushAt && flushAt < nextTick ? flushAt : nextTick;
                _inputs.Take(ref inputs, more ? TimeSpan.Zero : wakeAt - Now);
                Instant now = Now;
                _replica.Advance(now);
                if (now >= nextTick)
                {
                    nextTick = now + TickInterval;
                    _replica.Tick(now);
                    TellIfLeaderless();
                }

                foreach (Input input in inputs)
                {
                    Handle(input);
                }

                inputs.Clear();
                _network.Receive(_poll, HandleFrame);
                long startedAt = Stopwatch.GetTimestamp();
                more = _replica.Flush();
                if (_hasPublished)
                {
                    _hasPublished = false;
                    _metrics.Applied(startedAt);
                }

                _network.Flush();
                Status = _replica.Status;
                Requests.CompleteTurn();
                StartWatchJobs();
            }
        }
        catch (Exception failure)
        {
            LogLoopFailed(failure);
            _onFatal(failure);
        }
    }

    private void Handle(in Input input)
    {
        switch (input.Kind)
        {
            case InputKind.Propose:
                _replica.Propose((ulong)input.Number, input.Bytes);
                break;
            case InputKind.Read:
                _replica.Read((ulong)input.Number);
                break;
            case InputKind.Durable:
                _replica.Durable(input.Number);
                break;
            case InputKind.Connected:
                _replica.Connected(input.Peer);
                break;
            case InputKind.Disconnected:
                _replica.Disconnected(input.Peer);
                break;
            case InputKind.Transfer:
                _replica.TransferTo(input.Peer);
                break;
            case InputKind.Call:
                ((Action)input.State!)();
                break;
        }
    }

    /// <summary>Watchers that are far behind are caught up from history on the thread pool.</summary>
    private void StartWatchJobs()
    {
        while (_replica.Watches.TryTakeJob(out CatchUpJob? job))
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                taken =>
                {
                    taken.Run();
                    OnHub(hub => hub.Complete(taken));
                },
                job,
                preferLocal: false);
        }
    }

    private void HandleFrame(NodeId from, ReadOnlyMemory<byte> frame)
    {
        if (!_replica.Receive(from, frame))
        {
            LogBadFrame(from.ToString());
        }
    }

    [LoggerMessage(EventId = 301, Level = LogLevel.Critical, Message = "The group stops: what it relies on does not hold.")]
    private partial void LogLoopFailed(Exception failure);

    [LoggerMessage(EventId = 302, Level = LogLevel.Warning, Message = "Node {Peer} sent a frame that this build does not understand; it was dropped.")]
    private partial void LogBadFrame(string peer);

    [LoggerMessage(EventId = 303, Level = LogLevel.Information, Message = "Cluster {ClusterId:x} is founded: {Members}")]
    private partial void LogFounded(ulong clusterId, string members);

    [LoggerMessage(EventId = 304, Level = LogLevel.Information, Message = "Waiting for the other founders: {Missing}")]
    private partial void LogWaitingForFounders(string missing);

    [LoggerMessage(EventId = 305, Level = LogLevel.Error, Message = "{Reason}")]
    private partial void LogNotWelcome(string reason);

    [LoggerMessage(EventId = 306, Level = LogLevel.Information, Message = "Leader is {Leader} in {Ballot}")]
    private partial void LogLeader(string leader, string ballot);

    [LoggerMessage(EventId = 307, Level = LogLevel.Error, Message = "The disk is full: writes wait until there is space. Reads are served.")]
    private partial void LogDiskFull();

    [LoggerMessage(EventId = 308, Level = LogLevel.Information, Message = "There is space on the disk again.")]
    private partial void LogDiskHasSpace();

    [LoggerMessage(EventId = 311, Level = LogLevel.Critical, Message = "{Reason}")]
    private partial void LogDiverged(string reason);

    [LoggerMessage(EventId = 312, Level = LogLevel.Error, Message = "{Reason}")]
    private partial void LogMending(string reason);

    [LoggerMessage(EventId = 313, Level = LogLevel.Warning, Message = "{Reason}")]
    private partial void LogMended(string reason);

    [LoggerMessage(EventId = 309, Level = LogLevel.Error, Message = "A snapshot failed: {Reason}")]
    private partial void LogSnapshotFailed(string reason);

    [LoggerMessage(EventId = 310, Level = LogLevel.Information, Message = "A peer's snapshot up to entry {Index} was installed.")]
    private partial void LogSnapshotInstalled(ulong index);
}
