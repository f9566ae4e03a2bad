namespace Quorate.Cli.Serve;

/// <summary>An address: <c>HOST:PORT</c>.</summary>
internal sealed record HostPort(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

/// <summary>A node of the initial cluster: <c>NAME=HOST:PORT</c>.</summary>
internal sealed record InitialMember(string Name, HostPort Peer);

/// <summary>How much history automatic compaction keeps; nothing is compacted when both are absent.</summary>
/// <param name="Time">History younger than this stays.</param>
/// <param name="Revisions">This many of the newest revisions stay.</param>
internal sealed record CompactionRetention(TimeSpan? Time, long? Revisions)
{
    /// <summary>As it is said on the command line.</summary>
    public override string ToString() => Time is { } time ? $"{time.TotalMinutes:0.#}m" : Revisions is { } revisions ? $"{revisions}rev" : "off";
}

/// <summary>How the node writes its log.</summary>
internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

/// <summary>How much the node writes to its log.</summary>
internal enum LogThreshold
{
    Trace,
    Debug,
    Information,
    Warning,
    Error,
}

/// <summary>Everything <c>quorate serve</c> was told, checked.</summary>
/// <param name="Name">The node's name, unique in its cluster.</param>
/// <param name="DataDirectory">Where its data lies; full path.</param>
/// <param name="ListenClient">Where clients connect, gRPC and HTTP/1.1 on one port.</param>
/// <param name="ListenPeer">Where the other nodes connect.</param>
/// <param name="AdvertiseClient">The URL that other nodes and clients are told.</param>
/// <param name="AdvertisePeer">The address that other nodes are told.</param>
/// <param name="InitialCluster">Every founding node, this one too; only this one when it is alone.</param>
/// <param name="Join">Client URLs of a running cluster to join; empty when none.</param>
/// <param name="Protocol"><c>raft</c>, <c>paxos</c> or <c>zab</c>.</param>
/// <param name="HeartbeatIntervalMs">Milliseconds between heartbeats.</param>
/// <param name="ElectionTimeoutMs">Milliseconds without one before an election.</param>
/// <param name="QuotaBackendBytes">Bound on the logical size of the data.</param>
/// <param name="AutoCompactionRetention">How much history stays.</param>
/// <param name="LogLevel">The least that is logged.</param>
/// <param name="LogFormat">How it is logged.</param>
/// <param name="UnsafeNoFlush">Never waits for the disk: a power cut loses acknowledged writes.</param>
internal sealed record ServeSettings(
    string Name,
    string DataDirectory,
    Uri ListenClient,
    HostPort ListenPeer,
    Uri AdvertiseClient,
    HostPort AdvertisePeer,
    IReadOnlyList<InitialMember> InitialCluster,
    IReadOnlyList<Uri> Join,
    string Protocol,
    int HeartbeatIntervalMs,
    int ElectionTimeoutMs,
    long QuotaBackendBytes,
    CompactionRetention AutoCompactionRetention,
    LogThreshold LogLevel,
    LogFormat LogFormat,
    bool UnsafeNoFlush);
