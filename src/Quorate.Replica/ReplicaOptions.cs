using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Replica;

/// <summary>Knobs of a replica. The defaults are etcd's where etcd has them.</summary>
public sealed record ReplicaOptions
{
    /// <summary>Time between two heartbeats of a leader.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Time without a heartbeat after which a follower asks for an election; the actual one is drawn from [1, 2) of it.</summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>The longest a command or read waits: 5 s and two election timeouts, as etcd.</summary>
    public TimeSpan RequestTimeout => TimeSpan.FromSeconds(5) + ElectionTimeout + ElectionTimeout;

    /// <summary>After this long without an answer, a barrier is asked for again under a new id.</summary>
    public TimeSpan BarrierRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// A command that was forwarded and is not answered is forwarded again, to the same leader, after between once and twice
    /// this long: frames are lost with a connection, and dropped by a leader that is handing over.
    /// </summary>
    public TimeSpan ForwardRetry { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>Most commands of this node's clients that wait at once.</summary>
    public int MaxPendingCommands { get; init; } = DuplicateWindow.Bits;

    /// <summary>Most reads of this node's clients that wait at once.</summary>
    public int MaxPendingReads { get; init; } = 65_536;

    /// <summary>The largest command, in bytes: etcd's default request limit and some room for what surrounds it.</summary>
    public int MaxCommandBytes { get; init; } = (3 << 19) + (64 << 10);

    /// <summary>A batch is closed when it exceeds this, in bytes.</summary>
    public int MaxBatchBytes { get; init; } = 64 << 10;

    /// <summary>
    /// The longest a leader's small batch waits for company while others are under way, counted from the batch before it: who
    /// writes alone never waits, who writes beside others waits a little and shares its message and its flush. Zero for none.
    /// </summary>
    public TimeSpan MaxGatherTime { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>A batch of this many commands waits for no more.</summary>
    public int GatherCommands { get; init; } = 64;

    /// <summary>Payload bytes of entries kept in memory for followers that are a little behind.</summary>
    public long MaxLogBytesInMemory { get; init; } = 16 << 20;

    /// <summary>
    /// A snapshot is saved when the log has grown by this many bytes since the last one, or by half of what the state weighs if that is more;
    /// by an eighth of that when hardly anything is written any more.
    /// </summary>
    public long SnapshotAfterLogBytes { get; init; } = 64 << 20;

    /// <summary>How often the leader has the replicas compare the hashes of their states, when something was written since.</summary>
    public TimeSpan HashInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes applied in one turn of the loop before its other work gets a turn.</summary>
    public int MaxApplyBytesPerTurn { get; init; } = 1 << 20;

    /// <summary>The first configuration this node takes part in founding; <see langword="null"/> if it takes part in no founding.</summary>
    public FoundingPlan? Founding { get; init; }

    /// <summary>Seed of the generator that randomizes election timeouts.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Bounds of the watch hub; its seed is replaced by <see cref="Seed"/>.</summary>
    public WatchHubOptions Watches { get; init; } = new();

    /// <summary>The records of entries in memory lie in chunks of this many bytes.</summary>
    internal int RecordChunkBytes { get; init; } = 1 << 20;

    /// <summary>Further knobs of Raft, which the simulator turns; the two intervals above replace its own.</summary>
    internal RaftOptions Raft { get; init; } = new();

    /// <summary>Bugs to switch on, so that the simulator can prove that it finds them. None in production.</summary>
    internal ReplicaPlants Plants { get; init; }
}
