using System.Diagnostics.CodeAnalysis;
using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Simulation;

/// <summary>The planted bugs of one run, over all rooms.</summary>
internal sealed record Plants
{
    private static readonly (string Name, Plants Plant)[] Own =
    [
        ("torn-tail", new Plants { Log = LogPlants.TornTail }),
        ("flush-skipped", new Plants { Log = LogPlants.FlushSkipped }),
        ("directory-not-flushed", new Plants { Log = LogPlants.DirectoryUnflushed }),
        ("corruption-as-torn-end", new Plants { Log = LogPlants.MarkIgnored }),
        ("trims-before-mended", new Plants { Replica = ReplicaPlants.TrimsBeforeMended }),
        ("reuses-unwritten", new Plants { Replica = ReplicaPlants.ReusesUnwritten }),
        ("read-without-barrier", new Plants { Replica = ReplicaPlants.ReadWithoutBarrier }),
        ("forward-twice", new Plants { Replica = ReplicaPlants.ForwardTwice }),
        ("forward-taken-twice", new Plants { Replica = ReplicaPlants.ForwardTakenTwice }),
        ("lease-time-jumps", new Plants { Replica = ReplicaPlants.LeaseTimeJumps }),
        ("said-before-durable", new Plants { Replica = ReplicaPlants.HeldMessagesLeave }),
        ("unknown-called-failed", new Plants { Replica = ReplicaPlants.UnknownCalledFailed }),
        ("lease-shortened", new Plants { State = StatePlants.LeaseShortened }),
        ("lease-expiry-unchecked", new Plants { State = StatePlants.LeaseExpiryUnchecked }),
        ("watch-event-untold", new Plants { State = StatePlants.WatchEventLost }),
        ("compaction-drops-tombstone", new Plants { State = StatePlants.CompactionDropsTombstone }),
        ("session-retry-applied", new Plants { State = StatePlants.SessionRetryApplied }),
        ("session-reopened", new Plants { State = StatePlants.SessionReopened }),
        ("sessions-not-in-snapshot", new Plants { State = StatePlants.SessionsNotInSnapshot }),
        ("watch-event-lost", new Plants { Watch = WatchPlants.EventLost }),
        ("watch-revision-split", new Plants { Watch = WatchPlants.SplitRevision }),
        ("watch-event-twice", new Plants { Watch = WatchPlants.DuplicateDelivery }),
        ("watch-progress-early", new Plants { Watch = WatchPlants.ProgressTooEarly }),
        ("watch-future-early", new Plants { Watch = WatchPlants.FutureStartEarly }),
    ];

    /// <summary>Nothing is planted.</summary>
    public static Plants None { get; } = new();

    public LogPlants Log { get; private init; }

    public RaftPlants Raft { get; private init; }

    public StatePlants State { get; private init; }

    public WatchPlants Watch { get; private init; }

    public ReplicaPlants Replica { get; private init; }

    /// <summary>Every name there is, those of the protocols first.</summary>
    public static IReadOnlyList<string> Names
    {
        get
        {
            var names = new List<string>();
            foreach ((string name, _) in RaftPlantNames.All)
            {
                names.Add(name);
            }

            foreach ((string name, _) in Own)
            {
                names.Add(name);
            }

            return names;
        }
    }

    public static bool TryParse(string name, [NotNullWhen(true)] out Plants? plants)
    {
        plants = null;
        if (RaftPlantNames.TryParse(name, out RaftPlants raft))
        {
            plants = new Plants { Raft = raft };
        }

        foreach ((string known, Plants plant) in Own)
        {
            plants = known == name ? plant : plants;
        }

        return plants is not null;
    }
}
