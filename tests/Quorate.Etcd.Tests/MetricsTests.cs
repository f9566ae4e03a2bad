using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;
using static Quorate.Etcd.Tests.TestDoor;

namespace Quorate.Etcd.Tests;

/// <summary>What dashboards for etcd read, from a real node behind a real door.</summary>
public sealed class MetricsTests
{
    /// <summary>The names of facts that dashboards and alerts ask for, with their types.</summary>
    public static TheoryData<string, string> Names => new()
    {
        { "etcd_server_has_leader", "gauge" },
        { "etcd_server_is_leader", "gauge" },
        { "etcd_server_leader_changes_seen_total", "counter" },
        { "etcd_server_proposals_committed_total", "gauge" },
        { "etcd_server_proposals_applied_total", "gauge" },
        { "etcd_server_proposals_pending", "gauge" },
        { "etcd_server_proposals_failed_total", "counter" },
        { "etcd_server_slow_apply_total", "counter" },
        { "etcd_server_slow_read_indexes_total", "counter" },
        { "etcd_server_quota_backend_bytes", "gauge" },
        { "etcd_disk_wal_fsync_duration_seconds", "histogram" },
        { "etcd_disk_backend_commit_duration_seconds", "histogram" },
        { "etcd_mvcc_db_total_size_in_bytes", "gauge" },
        { "etcd_mvcc_db_total_size_in_use_in_bytes", "gauge" },
        { "etcd_debugging_mvcc_keys_total", "gauge" },
        { "etcd_debugging_mvcc_watcher_total", "gauge" },
        { "etcd_debugging_mvcc_watch_stream_total", "gauge" },
        { "etcd_debugging_mvcc_slow_watcher_total", "gauge" },
        { "etcd_debugging_mvcc_pending_events_total", "gauge" },
        { "etcd_debugging_mvcc_events_total", "counter" },
        { "etcd_network_peer_round_trip_time_seconds", "histogram" },
        { "etcd_network_client_grpc_received_bytes_total", "counter" },
        { "etcd_network_client_grpc_sent_bytes_total", "counter" },
        { "grpc_server_started_total", "counter" },
        { "grpc_server_handled_total", "counter" },
        { "grpc_server_handling_seconds", "histogram" },
        { "process_resident_memory_bytes", "gauge" },
        { "process_virtual_memory_bytes", "gauge" },
        { "process_cpu_seconds_total", "counter" },
        { "process_open_fds", "gauge" },
        { "quorate_log_disk_bytes", "gauge" },
        { "quorate_disk_used_bytes", "gauge" },
        { "quorate_disk_free_bytes", "gauge" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_node_publishes_every_metric_that_dashboards_read(string name, string type)
    {
        await using NodeBehindDoor node = await NodeBehindDoor.StartAsync();
        Assert.Contains($"# TYPE {name} {type}\n", await node.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_counted_is_what_happened()
    {
        await using NodeBehindDoor node = await NodeBehindDoor.StartAsync();
        await using DuplexCall<WatchRequest, WatchResponse> watch =
            node.Channel.OpenDuplex<WatchRequest, WatchResponse>(EtcdMethods.Watch, WatchResponse.Parser, cancellationToken: Token);
        await watch.WriteAsync(new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Text("k") } }, Token);
        Assert.True((await watch.ReadAsync(Token))!.Created);
        Dictionary<string, double> before = Parse(await node.MetricsAsync());
        for (int put = 0; put < 20; put++)
        {
            await node.PutAsync("k");
            Assert.Single((await watch.ReadAsync(Token))!.Events);
        }

        Dictionary<string, double> after = Parse(await node.MetricsAsync());
        Assert.Equal(20, Grown("etcd_server_proposals_applied_total"));
        Assert.InRange(Grown("etcd_disk_wal_fsync_duration_seconds_count"), 20, 60);
        Assert.InRange(Grown("etcd_disk_backend_commit_duration_seconds_count"), 20, 60);
        Assert.InRange(Grown("etcd_disk_wal_fsync_duration_seconds_sum"), double.Epsilon, 60);
        Assert.Equal(20, Grown("etcd_debugging_mvcc_events_total"));
        const string Put = "grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"";
        Assert.Equal(20, after[$"grpc_server_handled_total{{grpc_code=\"OK\",{Put}}}"]);
        Assert.Equal(20, after[$"grpc_server_handling_seconds_count{{{Put}}}"]);
        Assert.Equal(20, after[$"grpc_server_handling_seconds_bucket{{{Put},le=\"+Inf\"}}"]);
        Assert.Equal(
            (0, 0, 1, 1, 0, 0, 1),
            (after["etcd_server_proposals_pending"], after["etcd_server_proposals_failed_total"], after["etcd_debugging_mvcc_watcher_total"],
                after["etcd_debugging_mvcc_watch_stream_total"], after["etcd_debugging_mvcc_slow_watcher_total"], after["etcd_debugging_mvcc_pending_events_total"],
                after["etcd_server_leader_changes_seen_total"]));
        Assert.Equal(node.Node.Group.State.LogicalBytes, after["etcd_mvcc_db_total_size_in_bytes"]);
        Assert.Equal(node.Node.Group.Status.LogDiskBytes, after["quorate_log_disk_bytes"]);
        Assert.InRange(after["quorate_disk_used_bytes"], after["quorate_log_disk_bytes"], double.MaxValue);
        Assert.Equal(after["quorate_log_flush_duration_seconds_count"], after["etcd_disk_wal_fsync_duration_seconds_count"]);

        // A histogram has no count before its first measurement.
        double Grown(string name) => after[name] - before.GetValueOrDefault(name);
    }

    [Fact]
    public async Task Histograms_have_the_buckets_of_etcd_each_with_all_that_lies_below()
    {
        await using NodeBehindDoor node = await NodeBehindDoor.StartAsync();
        await node.PutAsync("k");
        Dictionary<string, double> metrics = Parse(await node.MetricsAsync());
        const string Name = "etcd_disk_wal_fsync_duration_seconds";
        string[] bounds = ["0.001", "0.002", "0.004", "0.008", "0.016", "0.032", "0.064", "0.128", "0.256", "0.512", "1.024", "2.048", "4.096", "8.192", "+Inf"];
        Assert.Equal(bounds.Length, metrics.Keys.Count(key => key.StartsWith(Name + "_bucket", StringComparison.Ordinal)));
        double[] counts = [.. bounds.Select(bound => metrics[$"{Name}_bucket{{le=\"{bound}\"}}"])];
        Assert.Equal(counts.Order(), counts);
        Assert.Equal(counts[^1], metrics[Name + "_count"]);
    }

    [Fact]
    public async Task A_meter_of_another_nodes_group_is_not_shown()
    {
        await using TestDoor door = await StartAsync();
        using var ours = new Meter(new MeterOptions("Quorate.Test") { Scope = door.Group });
        using var others = new Meter(new MeterOptions("Quorate.Test") { Scope = new object() });
        using var nobodys = new Meter("Quorate.Other");
        using var strange = new Meter("Strange");
        ours.CreateObservableGauge("test.ours", () => new Measurement<long>(7, new KeyValuePair<string, object?>("peer", "a\"b")), "By", "Ours.");
        others.CreateObservableGauge("test.others", () => 8L);
        nobodys.CreateCounter<long>("test.nobodys").Add(9);
        strange.CreateObservableGauge("test.strange", () => 10L);
        using HttpClient client = new();
        Counter<long> counter = nobodys.CreateCounter<long>("test.counted");
        counter.Add(1, new KeyValuePair<string, object?>("tag", "x"));
        counter.Add(2, new KeyValuePair<string, object?>("tag", "x"));

        string text = await client.GetStringAsync(new Uri(door.Address, "/metrics"), Token);
        Assert.Contains("# HELP test_ours_bytes Ours.\n# TYPE test_ours_bytes gauge\ntest_ours_bytes{peer=\"a\\\"b\"} 7\n", text, StringComparison.Ordinal);
        Assert.Contains("test_counted_total{tag=\"x\"} 3\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("test_others", text, StringComparison.Ordinal);
        Assert.DoesNotContain("test_strange", text, StringComparison.Ordinal);

        ours.Dispose();
        Assert.DoesNotContain("test_ours", await client.GetStringAsync(new Uri(door.Address, "/metrics"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public void Recording_in_a_known_histogram_allocates_nothing()
    {
        using var meter = new Meter("Quorate.Allocations");
        using var mirror = new MeterMirror(scope: this);
        Histogram<double> histogram = meter.CreateHistogram("test.time", "s", "Time.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2] });
        var tag = new KeyValuePair<string, object?>("peer", "a");
        Record(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Record(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Record(int times)
        {
            for (int time = 0; time < times; time++)
            {
                histogram.Record(1.5);
                histogram.Record(0.5, tag);
            }
        }
    }

    private static Dictionary<string, double> Parse(string text) => text.Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private sealed class NodeBehindDoor : IAsyncDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("quorate-metrics-").FullName;
        private readonly HttpClient _client = new();

        public QuorateNode Node { get; private set; } = null!;

        public GrpcChannel Channel { get; private set; } = null!;

        private EtcdDoor Door { get; set; } = null!;

        public static async Task<NodeBehindDoor> StartAsync()
        {
            var started = new NodeBehindDoor();
            started.Node = await QuorateNode.StartAsync(new QuorateOptions { DataDirectory = started._directory, SegmentBytes = 1 << 20 }, Token);
            EtcdDoorOptions options = new() { ListenClientUrls = [new Uri("http://127.0.0.1:0")], DrainTimeout = TimeSpan.FromSeconds(1) };
            started.Door = await EtcdDoor.StartAsync(started.Node.Group, options, NullLoggerFactory.Instance, Token);
            started.Channel = new GrpcChannel(started.Door.Addresses[0]);
            await started.Node.Group.ReadAsync(Token);
            return started;
        }

        public async Task PutAsync(string key) => await Channel.UnaryAsync(
            EtcdMethods.Put, new PutRequest { Key = Text(key), Value = Text("v") }, PutResponse.Parser, cancellationToken: Token);

        public Task<string> MetricsAsync() => _client.GetStringAsync(new Uri(Door.Addresses[0], "/metrics"), Token);

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await Channel.DisposeAsync();
            await Door.DisposeAsync();
            await Node.DisposeAsync();
            Directory.Delete(_directory, recursive: true);
        }
    }
}
