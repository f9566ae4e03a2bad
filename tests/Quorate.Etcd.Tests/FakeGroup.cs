using System.Diagnostics;
using Quorate.Consensus;
using Quorate.Node;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Etcd.Tests;

/// <summary>
/// A group of one without log or peers: commands go straight to the real state machine and the real watch hub, under one lock.
/// Time runs for leases as it does in a leader.
/// </summary>
internal sealed class FakeGroup : IGroup, IDisposable
{
    public static readonly NodeId Self = new(0x8e9e05c52164694d);
    public static readonly NodeId Other = new(0x91bc3c398fb3c146);

    private readonly Lock _lock = new();
    private readonly StateMachine _machine = new(new OrderedMap(), new StateOptions());
    private readonly WatchHub _hub;
    private readonly Dictionary<int, FakeWatchStream> _streams = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Timer _timer;
    private ulong _index;

    public FakeGroup()
    {
        _hub = new WatchHub(new WatchHubOptions { ProgressIntervalMs = 100 }, new History(_machine.Current));
        _machine.Observer = new Observer(_hub);
        _timer = new Timer(_ => Tick(), null, 50, 50);
    }

    public NodeId Leader { get; set; } = Self;

    public TimeSpan LeaderlessFor { get; set; }

    public string Alarm { get; set; } = string.Empty;

    public uint Level { get; set; } = FeatureLevel.Newest;

    public GroupError? Failure { get; set; }

    public NodeId? TransferredTo { get; private set; }

    /// <summary>Linearizable reads asked for.</summary>
    public int Reads { get; private set; }

    /// <summary>The index of the last command.</summary>
    public ulong LastIndex => _index;

    public StateVersion State => _machine.Current;

    public TimeSpan RequestTimeout => TimeSpan.FromSeconds(7);

    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromSeconds(1);

    public GroupStatus Status => new(
        0xcdf818194e3a8c32,
        Self,
        new Configuration(1, ProtocolKind.Raft, [new Member(Self, "n1", "127.0.0.1:2380", "http://127.0.0.1:2379", MemberRole.Voter), new Member(Other, "n2", "127.0.0.1:22380", "http://127.0.0.1:22379", MemberRole.Learner)], NodeId.None, 0, 1),
        Leader == Self ? Role.Leader : Role.Follower,
        Leader,
        2,
        _index,
        _index,
        _index,
        LeaderlessFor,
        4096,
        2L << 30,
        Alarm);

    public ValueTask<CommandResult> ProposeAsync(Command command, CancellationToken cancellationToken)
    {
        RequireServing();
        lock (_lock)
        {
            return ValueTask.FromResult(Apply(CommandCodec.Encode(command))!);
        }
    }

    public ValueTask<StateVersion> ReadAsync(CancellationToken cancellationToken)
    {
        RequireServing();
        Reads++;
        return ValueTask.FromResult(_machine.Current);
    }

    public IWatchStream OpenWatch()
    {
        lock (_lock)
        {
            FakeWatchStream stream = new(this);
            stream.Id = _hub.OpenStream(stream);
            _streams.Add(stream.Id, stream);
            return stream;
        }
    }

    public ValueTask<long> KeepAliveAsync(long leaseId, CancellationToken cancellationToken)
    {
        RequireServing();
        lock (_lock)
        {
            Apply(CommandCodec.Encode(new LeaseRefreshCommand([leaseId])));
            return ValueTask.FromResult(_machine.Current.FindLease(leaseId)?.TtlSeconds ?? 0);
        }
    }

    public Task TransferLeadershipAsync(NodeId target, CancellationToken cancellationToken)
    {
        RequireServing();
        if (target != Other)
        {
            throw new GroupException(GroupError.BadTransferTarget, Outcome.NotApplied, "no voter");
        }

        TransferredTo = target;
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            foreach (FakeWatchStream stream in _streams.Values)
            {
                stream.End();
            }
        }
    }

    /// <summary>Works on the hub as the loop of a real group does.</summary>
    internal void WithHub(Action<WatchHub> act)
    {
        lock (_lock)
        {
            act(_hub);
            WorkHub();
        }
    }

    internal void Close(FakeWatchStream stream)
    {
        lock (_lock)
        {
            _hub.CloseStream(stream.Id);
            _streams.Remove(stream.Id);
        }
    }

    private CommandResult? Apply(byte[] command)
    {
        _machine.BeginEntry(++_index, _clock.ElapsedMilliseconds, Level);
        CommandResult? result = _machine.Apply(command, wantResult: true);
        _machine.EndEntry();
        _hub.OnPublished(new History(_machine.Publish()));
        WorkHub();
        return result;
    }

    private void WorkHub()
    {
        for (int round = 0; round < 100_000 && _hub.Work(); round++)
        {
        }

        while (_hub.TryTakeJob(out CatchUpJob? job))
        {
            job.Run();
            _hub.Complete(job);
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            List<long> expired = [];
            _machine.CollectExpired(_clock.ElapsedMilliseconds, 100, expired);
            if (expired.Count > 0)
            {
                Apply(CommandCodec.Encode(new LeaseExpireCommand(expired)));
            }

            _hub.Tick(_clock.ElapsedMilliseconds);
        }
    }

    private void RequireServing()
    {
        if (Failure is { } failure)
        {
            throw new GroupException(failure, Outcome.NotApplied, "as the test wants it");
        }
    }

    private sealed class Observer(WatchHub hub) : IStateObserver
    {
        public void OnRevision(RevisionEvents events) => hub.OnRevision(events);
    }

    private sealed class History(StateVersion version) : IWatchHistory
    {
        public long Revision => version.Revision;

        public long CompactRevision => version.CompactRevision;

        public long ReadHistory(KeyRange range, long fromRevision, int maxRevisions, List<RevisionEvents> into) =>
            version.ReadHistory(range, fromRevision, maxRevisions, into);
    }
}
