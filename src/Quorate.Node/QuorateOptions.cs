using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Quorate.Consensus;
using Quorate.Replica;

namespace Quorate.Node;

/// <summary>How a node runs. Checked whole by <see cref="Validate"/> before anything is touched.</summary>
public sealed record QuorateOptions
{
    /// <summary>The node's name, unique in its cluster.</summary>
    public string Name { get; init; } = "default";

    /// <summary>The directory that is this node; made if it is not there. One process holds it at a time.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>HOST:PORT to accept peers at; empty for a cluster of one.</summary>
    public string ListenPeer { get; init; } = string.Empty;

    /// <summary>HOST:PORT at which peers reach this node; <see cref="ListenPeer"/> when empty.</summary>
    public string AdvertisePeer { get; init; } = string.Empty;

    /// <summary>URL at which clients reach this node; told to clients that ask for the members.</summary>
    public string AdvertiseClient { get; init; } = "http://127.0.0.1:2379";

    /// <summary>Every founder, this node among them; empty to found alone. Read only while the directory is blank.</summary>
    public IReadOnlyList<Founder> InitialCluster { get; init; } = [];

    /// <summary>How the cluster is to replicate; read only while the directory is blank.</summary>
    public ProtocolKind Protocol { get; init; } = ProtocolKind.Raft;

    /// <summary>Time between two heartbeats of a leader; 1 ms to 10 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Time without a heartbeat after which a follower asks for an election; at least 5 heartbeats, at most 50 s.</summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>Bound on the logical size of the data in bytes; 0 for the default of 2 GiB.</summary>
    public long QuotaBackendBytes { get; init; } = 2L << 30;

    /// <summary>History younger than this is never compacted automatically; zero for no automatic compaction by time. At least 10 s otherwise.</summary>
    public TimeSpan AutoCompactionRetention { get; init; }

    /// <summary>This many of the newest revisions are never compacted automatically; 0 for no automatic compaction by count. Excludes <see cref="AutoCompactionRetention"/>.</summary>
    public long AutoCompactionRevisions { get; init; }

    /// <summary>Size of a segment of the log in bytes; at least 64 KiB, 0 for the default: 64 MiB, less on a file system below 1 GiB.</summary>
    public long SegmentBytes { get; init; }

    /// <summary>A snapshot is saved, and the log trimmed, when the log has grown by this many bytes (or by half of what the state weighs, if more; by an eighth of that when hardly anything is written any more); at least 1 KiB, 0 for the default: 64 MiB, less on a file system below 512 MiB.</summary>
    public long SnapshotAfterLogBytes { get; init; }

    /// <summary>Payload bytes of recent entries kept in memory for peers that are a little behind; at least 1 KiB.</summary>
    public long LogBytesInMemory { get; init; } = 16L << 20;

    /// <summary>Flush nothing to disk: a power cut loses acknowledged writes. For measurements and throw-away data.</summary>
    public bool UnsafeNoFlush { get; init; }

    /// <summary>Where the node logs to.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    internal string EffectiveAdvertisePeer => AdvertisePeer.Length > 0 ? AdvertisePeer : ListenPeer;

    internal long EffectiveQuotaBytes => QuotaBackendBytes == 0 ? 2L << 30 : QuotaBackendBytes;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">One is out of bounds; the message names it and the bounds.</exception>
    public void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(Name), "The node needs a name.");
        Require(!string.IsNullOrWhiteSpace(DataDirectory), "The node needs a data directory.");
        Require(HeartbeatInterval >= TimeSpan.FromMilliseconds(1) && HeartbeatInterval <= TimeSpan.FromSeconds(10), "The heartbeat interval lies between 1 ms and 10 s.");
        Require(ElectionTimeout >= 5 * HeartbeatInterval && ElectionTimeout <= TimeSpan.FromSeconds(50), "The election timeout is at least 5 heartbeat intervals and at most 50 s.");
        Require(SegmentBytes is 0 or >= 64 << 10, "A log segment has at least 64 KiB.");
        Require(AutoCompactionRetention == TimeSpan.Zero || AutoCompactionRetention >= TimeSpan.FromSeconds(10), "Automatic compaction keeps at least 10 s of history.");
        Require(AutoCompactionRevisions >= 0, "Automatic compaction keeps a number of revisions that is not negative.");
        Require(AutoCompactionRetention == TimeSpan.Zero || AutoCompactionRevisions == 0, "Automatic compaction goes by time or by revisions, not by both.");
        Require(SnapshotAfterLogBytes is 0 or >= 1024, "A snapshot is saved after at least 1 KiB of log.");
        Require(LogBytesInMemory >= 1024, "At least 1 KiB of log is kept in memory.");
        if (InitialCluster.Count > 1)
        {
            Require(ListenPeer.Length > 0, "A node of a cluster of several needs an address to listen to peers at.");
        }

        if (InitialCluster.Count > 0)
        {
            Founder? self = InitialCluster.FirstOrDefault(founder => founder.Name == Name);
            Require(self is not null, $"The initial cluster does not name this node ({Name}).");
            Require(InitialCluster.Select(founder => founder.Name).Distinct().Count() == InitialCluster.Count, "The initial cluster names a node twice.");
            Require(InitialCluster.Select(founder => founder.PeerAddress).Distinct().Count() == InitialCluster.Count, "The initial cluster names an address twice.");
        }
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message);
        }
    }
}
