using System.Diagnostics;
using Quorate.Grpc;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary><c>/metrics</c>: the names that dashboards for etcd read, and our own.</summary>
internal sealed class MetricsPage(IGroup group, GrpcServiceMap map, MeterMirror meters)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The port, once it is open.</summary>
    public ClientPort? Port { get; set; }

    public string Render()
    {
        MetricsText text = new();
        GroupStatus status = group.Status;
        StateVersion state = group.State;
        RenderGroup(text, status, state);
        RenderCalls(text);
        RenderProcess(text);
        meters.Render(text);
        return text.ToString();
    }

    private static void RenderGroup(MetricsText text, GroupStatus status, StateVersion state)
    {
        text.Gauge("etcd_server_has_leader", "Whether a leader is known.", status.Leader.IsNone ? 0 : 1);
        text.Gauge("etcd_server_is_leader", "Whether this node leads.", status.Leader == status.NodeId ? 1 : 0);
        text.Gauge("etcd_server_is_learner", "Whether this node follows without a vote.", status.Role == Consensus.Role.Learner ? 1 : 0);
        text.Gauge("etcd_server_proposals_committed_total", "Index up to which everything is decided.", status.DecidedIndex);
        text.Gauge("etcd_server_proposals_applied_total", "Index up to which everything is applied.", status.AppliedIndex);
        text.Gauge("etcd_server_quota_backend_bytes", "Bound on the logical size of the data.", status.QuotaBytes);
        text.Gauge("etcd_mvcc_db_total_size_in_bytes", "Bytes of all keys and values with the history that is kept: what the quota bounds.", state.LogicalBytes);
        text.Gauge("etcd_mvcc_db_total_size_in_use_in_bytes", "The same: nothing is ever fragmented.", state.LogicalBytes);
        text.Gauge("etcd_debugging_mvcc_keys_total", "Keys.", state.KeyCount);
        text.Gauge("etcd_debugging_mvcc_current_revision", "Revision of the last write.", state.Revision);
        text.Gauge("etcd_debugging_mvcc_compact_revision", "Oldest revision that can be read.", state.CompactRevision);
        text.Begin("etcd_server_version", "gauge", "The version it behaves as.");
        text.Sample("etcd_server_version", MetricsText.Label("server_version", EtcdVersion.Server), 1);
        text.Begin("quorate_version", "gauge", "The version of Quorate.");
        text.Sample("quorate_version", MetricsText.Label("version", EtcdVersion.Quorate), 1);
        text.Gauge("quorate_round", "Round of the last applied entry.", status.Round);
        text.Gauge("quorate_log_last_index", "End of the log.", status.LastIndex);
        text.Gauge("quorate_log_decided_index", "Index up to which everything is decided.", status.DecidedIndex);
        text.Gauge("quorate_log_applied_index", "Index up to which everything is applied.", status.AppliedIndex);
        text.Gauge("quorate_leaderless_seconds", "How long no leader has been known.", status.LeaderlessFor.TotalSeconds);
        text.Gauge("quorate_alarm", "Whether writes are refused or serving has stopped.", status.Alarm.Length > 0 ? 1 : 0);
    }

    private void RenderCalls(MetricsText text)
    {
        text.Counter("etcd_network_client_grpc_received_bytes_total", "Bytes of gRPC messages received from clients.", Port?.ReceivedBytes ?? 0);
        text.Counter("etcd_network_client_grpc_sent_bytes_total", "Bytes of gRPC messages sent to clients.", Port?.SentBytes ?? 0);
        text.Counter("quorate_grpc_refused_calls_total", "Calls refused because their connection leaves its answers unread.", Port?.RefusedCalls ?? 0);
        IReadOnlyList<MethodCount> counts = map.Count();
        text.Begin("grpc_server_started_total", "counter", "Calls that began.");
        foreach (MethodCount count in counts)
        {
            text.Sample("grpc_server_started_total", LabelsOf(count), count.Started);
        }

        text.Begin("grpc_server_handled_total", "counter", "Calls that ended.");
        foreach (MethodCount count in counts)
        {
            for (int code = 0; code < count.Handled.Count; code++)
            {
                if (count.Handled[code] > 0)
                {
                    text.Sample("grpc_server_handled_total", $"{MetricsText.Label("grpc_code", ((StatusCode)code).ToString())},{LabelsOf(count)}", count.Handled[code]);
                }
            }
        }

        text.Begin("grpc_server_handling_seconds", "histogram", "How long calls took, streams included.");
        foreach (MethodCount count in counts.Where(count => count.Started > 0))
        {
            text.Histogram("grpc_server_handling_seconds", LabelsOf(count), MethodCount.DurationBounds, count.Durations, count.TotalDuration.TotalSeconds);
        }
    }

    private static string LabelsOf(MethodCount count) =>
        $"{MetricsText.Label("grpc_method", count.Method)},{MetricsText.Label("grpc_service", count.Service)},{MetricsText.Label("grpc_type", count.Type)}";

    private static void RenderProcess(MetricsText text)
    {
        using Process process = Process.GetCurrentProcess();
        text.Gauge("process_resident_memory_bytes", "Resident memory.", process.WorkingSet64);
        text.Gauge("process_virtual_memory_bytes", "Address space.", process.VirtualMemorySize64);
        text.Counter("process_cpu_seconds_total", "Processor time used.", process.TotalProcessorTime.TotalSeconds);
        text.Gauge("process_start_time_seconds", "When it started, since the epoch.", new DateTimeOffset(process.StartTime).ToUnixTimeSeconds());
        if (Directory.Exists("/proc/self/fd"))
        {
            text.Gauge("process_open_fds", "Open file descriptors.", Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        }

        text.Counter("quorate_gc_pause_seconds_total", "Time the collector stopped all threads.", GC.GetTotalPauseDuration().TotalSeconds);
        text.Gauge("quorate_gc_heap_bytes", "Bytes in managed memory.", GC.GetTotalMemory(forceFullCollection: false));
    }
}
