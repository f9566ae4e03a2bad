using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>
/// The climate of one run, drawn whole from its seed ("swarm": each kind of fault is off altogether in a part of the runs, so
/// that the others get room). Times are microseconds of virtual time, chances are per mille.
/// </summary>
internal sealed record Knobs
{
    public int Nodes { get; init; }

    public int Clients { get; init; }

    public int Keys { get; init; }

    public long ThinkUs { get; init; }

    public int ElectionMs { get; init; }

    public int HeartbeatMs { get; init; }

    public int SegmentBytes { get; init; }

    public int MaxBatchBytes { get; init; }

    public int MaxMessageBytes { get; init; }

    public int MaxInflightMessages { get; init; }

    public int MaxApplyBytes { get; init; }

    public int MaxLogBytesInMemory { get; init; }

    public int SnapshotAfterLogBytes { get; init; }

    public int WatchStreamBytes { get; init; }

    public int WatchRecentRevisions { get; init; }

    public int WatchPromptMessages { get; init; }

    public long TurnUs { get; init; }

    public long FlushUs { get; init; }

    public long LinkUs { get; init; }

    public int Loss { get; init; }

    public int Duplication { get; init; }

    /// <summary>Chance that a frame takes the scenic route and arrives after many that were sent later.</summary>
    public int Straggling { get; init; }

    /// <summary>Whether frames of one link keep their order, as on one connection.</summary>
    public bool InOrder { get; init; }

    /// <summary>Mean time between two faults of a kind; 0 for never.</summary>
    public long CrashEveryUs { get; init; }

    public long CrashAllEveryUs { get; init; }

    public long PauseEveryUs { get; init; }

    public long PartitionEveryUs { get; init; }

    public long LeaderCutEveryUs { get; init; }

    public long ResetEveryUs { get; init; }

    public long ClogEveryUs { get; init; }

    public long SlowDiskEveryUs { get; init; }

    public long TransferEveryUs { get; init; }

    public long CompactEveryUs { get; init; }

    /// <summary>Chance that a write to the log, or a recovery, dies at one of its calls to the disk.</summary>
    public int DieInDisk { get; init; }

    /// <summary>Chance that a disk has damaged flushed data when its node comes back.</summary>
    public int Rot { get; init; }

    /// <summary>Clients whose writes go under sessions.</summary>
    public int SessionClients { get; init; }

    public int MaxSessions { get; init; }

    public int SessionWindow { get; init; }

    public int SessionIdleMs { get; init; }

    public int GatherMs { get; init; }

    public int GatherCommands { get; init; }

    public int WatchGatherMs { get; init; }

    /// <summary>Each node's clock runs fast or slow by up to this many parts in a million.</summary>
    public int DriftPpm { get; init; }

    /// <summary>Completed operations after which the faults may end.</summary>
    public int EnoughOperations { get; init; }

    /// <summary>The faults end at the latest after this.</summary>
    public long MaxFaultsUs { get; init; }

    public static Knobs Draw(SeededGenerator generator, int? nodes)
    {
        int electionMs = generator.Pick(60, 150, 300);
        int drawnNodes = generator.Pick(3, 3, 3, 5, 5, 1);
        long linkUs = generator.Pick(200L, 1_000, 4_000);
        return new Knobs
        {
            Nodes = nodes ?? drawnNodes,
            Clients = generator.Between(3, 8),
            Keys = generator.Pick(2, 5, 20),
            ThinkUs = generator.Pick(2_000L, 20_000, 60_000),
            ElectionMs = electionMs,
            HeartbeatMs = electionMs / generator.Pick(3, 6, 10),
            SegmentBytes = generator.Pick(2 << 10, 8 << 10, 64 << 10),
            MaxBatchBytes = generator.Pick(64, 512, 256 << 10),
            MaxMessageBytes = generator.Pick(64, 1024, 1 << 20),
            MaxInflightMessages = generator.Pick(1, 4, 256),
            MaxLogBytesInMemory = generator.Pick(200, 2_000, 2_000, 1 << 20),
            SnapshotAfterLogBytes = generator.Pick(500, 500, 3_000, 1 << 20),
            MaxApplyBytes = generator.Pick(1, 256, 1 << 20),
            WatchStreamBytes = generator.Pick(256, 2048, 1 << 20),
            WatchRecentRevisions = generator.Pick(0, 8, 1024),
            WatchPromptMessages = generator.Pick(0, 1, 64),
            TurnUs = generator.Pick(5L, 100, 1_000),
            FlushUs = generator.Pick(100L, 1_000, 10_000, 30_000),
            LinkUs = linkUs,
            Loss = generator.Pick(0, 0, 10, 50, 200, 300),
            Duplication = generator.Pick(0, 0, 20, 200, 500),
            Straggling = generator.Pick(0, 10, 100),
            InOrder = generator.Chance(300),
            CrashEveryUs = generator.Pick(0L, 700_000, 2_000_000, 2_000_000),
            CrashAllEveryUs = generator.Pick(0L, 0, 4_000_000),
            PauseEveryUs = generator.Pick(0L, 2_000_000),
            PartitionEveryUs = generator.Pick(0L, 600_000, 2_000_000),
            LeaderCutEveryUs = generator.Pick(0L, 0, 400_000),
            ResetEveryUs = generator.Pick(0L, 500_000),
            ClogEveryUs = generator.Pick(0L, 0, 700_000),
            SlowDiskEveryUs = generator.Pick(0L, 0, 1_500_000),
            TransferEveryUs = generator.Pick(0L, 500_000, 2_000_000),
            CompactEveryUs = generator.Pick(0L, 300_000, 2_000_000),
            DieInDisk = generator.Pick(0, 0, 3, 10),
            DriftPpm = generator.Pick(0, 100, 10_000),
            EnoughOperations = generator.Between(220, 500),
            MaxFaultsUs = 60_000_000,
            Rot = generator.Pick(0, 0, 200, 600),
            SessionClients = generator.Pick(0, 0, 1, 4),
            MaxSessions = generator.Pick(3, 6, 10_000),
            SessionWindow = generator.Pick(2, 8, 1024),
            SessionIdleMs = generator.Pick(500, 5_000, 3_600_000),
            GatherMs = generator.Pick(0, 3, 20),
            GatherCommands = generator.Pick(2, 64),
            WatchGatherMs = generator.Pick(0, 20),
        };
    }
}
