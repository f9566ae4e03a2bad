using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Quorate.Node;

/// <summary>
/// What a node measures, on the meter <c>Quorate.Node</c> whose scope is the node's <see cref="IGroup"/>. Counters are plain fields of
/// whoever counts and are read when somebody asks; durations are recorded once a flush and once a turn, never once a command.
/// </summary>
internal sealed class NodeMetrics : IDisposable
{
    /// <summary>Entries that took longer to apply than this are worth a look; etcd's bound.</summary>
    private static readonly TimeSpan SlowApply = TimeSpan.FromMilliseconds(100);

    private static readonly InstrumentAdvice<double> DiskBounds = Doubling(from: 0.001, count: 14);
    private static readonly InstrumentAdvice<double> NetworkBounds = Doubling(from: 0.0001, count: 16);

    private Meter? _meter;
    private Histogram<double>? _flushes;
    private Histogram<double>? _applies;
    private Histogram<double>? _roundTrips;
    private long _slowApplies;
    private long _leaderChanges;
    private long _eventsPushed;
    private long _eventsTaken;

    /// <summary>Publishes the instruments; what was counted before counts too.</summary>
    public void Publish(IGroup scope, GroupLoop loop, FileDisk disk)
    {
        Meter meter = _meter = new Meter(new MeterOptions(NodeActivity.Name) { Scope = scope });
        _flushes = meter.CreateHistogram("quorate.log.flush.duration", "s", "Time of a flush of the log to disk.", null, DiskBounds);
        _applies = meter.CreateHistogram(
            "quorate.apply.duration", "s", "Time of a turn that applied entries, up to their publication in memory; nothing waits for a disk here.", null, DiskBounds);
        _roundTrips = meter.CreateHistogram(
            "quorate.peer.round_trip.duration", "s", "Round trip to a peer as the kernel measures it on the connection, sampled once a second.", null, NetworkBounds);

        meter.CreateObservableGauge("quorate.commands.pending", () => loop.Requests.PendingCommands, "{command}", "Commands of this node's clients that wait for their answer.");
        meter.CreateObservableCounter("quorate.commands.failed", () => loop.Requests.FailedCommands, "{command}", "Commands of this node's clients that were refused or ran out of time.");
        meter.CreateObservableCounter("quorate.reads.slow", () => loop.Requests.OverdueReads, "{read}", "Linearizable reads for which no leader answered in time.");
        meter.CreateObservableCounter("quorate.apply.slow", () => Volatile.Read(ref _slowApplies), "{turn}", "Turns that took longer than 100 ms to apply and publish entries.");
        meter.CreateObservableCounter("quorate.leader.changes", () => Volatile.Read(ref _leaderChanges), "{change}", "Times a leader came to be known after another or after none.");
        meter.CreateObservableGauge("quorate.log.disk", () => loop.LogDiskBytes, "By", "Bytes the segments of the log take, those allocated ahead included.");
        meter.CreateObservableGauge("quorate.disk.used", () => disk.UsedBytes, "By", "Bytes the files of the data directory take.");
        meter.CreateObservableGauge("quorate.disk.free", () => disk.FreeBytes, "By", "Bytes that are free on the file system of the data directory.");
        meter.CreateObservableGauge("quorate.watch.streams", () => loop.Watches.StreamCount, "{stream}", "Open watch streams.");
        meter.CreateObservableGauge("quorate.watch.watchers", () => loop.Watches.WatcherCount, "{watcher}", "Watchers.");
        meter.CreateObservableGauge("quorate.watch.lagging", () => loop.Watches.LaggingCount, "{watcher}", "Watchers that are behind.");
        meter.CreateObservableCounter("quorate.watch.events", () => Volatile.Read(ref _eventsPushed), "{event}", "Events handed to watch streams.");
        meter.CreateObservableGauge("quorate.watch.pending", PendingEvents, "{event}", "Events handed to watch streams that nobody has taken yet.");
        meter.CreateObservableCounter("quorate.peer.sent", () => loop.Network.Traffic.Select(peer => peer.Measure(peer.SentBytes)), "By", "Bytes sent to a peer.");
        meter.CreateObservableCounter("quorate.peer.received", () => loop.Network.Traffic.Select(peer => peer.Measure(peer.ReceivedBytes)), "By", "Bytes received from a peer.");
        meter.CreateObservableGauge("quorate.peer.connected", () => loop.Network.Traffic.Select(peer => peer.Measure(peer.Connections)), "{connection}", "Connections to a peer that are open.");
    }

    /// <summary>A flush of the log is over; by the log thread.</summary>
    public void Flushed(long startedAt) => _flushes?.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);

    /// <summary>A turn has applied and published entries; by the loop.</summary>
    public void Applied(long startedAt)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        _slowApplies += elapsed > SlowApply ? 1 : 0;
        _applies?.Record(elapsed.TotalSeconds);
    }

    /// <summary>A leader came to be known; by the loop.</summary>
    public void LeaderChanged() => _leaderChanges++;

    /// <summary>Events were handed to a stream; by the loop.</summary>
    public void EventsPushed(int count) => _eventsPushed += count;

    /// <summary>Events were taken off a stream, or dropped with it; by any thread.</summary>
    public void EventsTaken(long count) => Interlocked.Add(ref _eventsTaken, count);

    /// <summary>A round trip to a peer was measured; by any thread.</summary>
    public void RoundTrip(PeerTraffic peer, TimeSpan time) => _roundTrips?.Record(time.TotalSeconds, peer.Tag);

    public void Dispose() => _meter?.Dispose();

    private long PendingEvents()
    {
        // In this order it is never negative: what is taken later than read here only makes it larger.
        long taken = Interlocked.Read(ref _eventsTaken);
        return Volatile.Read(ref _eventsPushed) - taken;
    }

    private static InstrumentAdvice<double> Doubling(double from, int count) =>
        new() { HistogramBucketBoundaries = [.. Enumerable.Range(0, count).Select(power => from * Math.Pow(2, power))] };
}
