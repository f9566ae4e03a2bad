namespace Quorate.Etcd;

/// <summary>Under which name, and with which label for the peer, etcd's dashboards look for what an instrument of ours measures.</summary>
/// <param name="Name">The name.</param>
/// <param name="PeerLabel">What etcd calls the label that is <c>peer</c> here.</param>
internal readonly record struct EtcdMetricName(string Name, string PeerLabel = "To");

/// <summary>The names of etcd's metrics, by the instruments of a node (etcd, <c>server/etcdserver/metrics.go</c> and its neighbours).</summary>
internal static class EtcdMetricNames
{
    private static readonly Dictionary<string, EtcdMetricName> Names = new(StringComparer.Ordinal)
    {
        ["quorate.apply.duration"] = new("etcd_disk_backend_commit_duration_seconds"),
        ["quorate.apply.slow"] = new("etcd_server_slow_apply_total"),
        ["quorate.commands.failed"] = new("etcd_server_proposals_failed_total"),
        ["quorate.commands.pending"] = new("etcd_server_proposals_pending"),
        ["quorate.leader.changes"] = new("etcd_server_leader_changes_seen_total"),
        ["quorate.log.flush.duration"] = new("etcd_disk_wal_fsync_duration_seconds"),
        ["quorate.peer.received"] = new("etcd_network_peer_received_bytes_total", "From"),
        ["quorate.peer.round_trip.duration"] = new("etcd_network_peer_round_trip_time_seconds"),
        ["quorate.peer.sent"] = new("etcd_network_peer_sent_bytes_total"),
        ["quorate.reads.slow"] = new("etcd_server_slow_read_indexes_total"),
        ["quorate.watch.events"] = new("etcd_debugging_mvcc_events_total"),
        ["quorate.watch.lagging"] = new("etcd_debugging_mvcc_slow_watcher_total"),
        ["quorate.watch.pending"] = new("etcd_debugging_mvcc_pending_events_total"),
        ["quorate.watch.streams"] = new("etcd_debugging_mvcc_watch_stream_total"),
        ["quorate.watch.watchers"] = new("etcd_debugging_mvcc_watcher_total"),
    };

    /// <summary>etcd's name for what an instrument measures, if it has one.</summary>
    public static bool TryGet(string instrument, out EtcdMetricName name) => Names.TryGetValue(instrument, out name);
}
