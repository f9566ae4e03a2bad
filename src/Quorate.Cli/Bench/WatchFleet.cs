using System.Buffers.Binary;
using System.Diagnostics;
using Quorate.Cli.Bench.Http2;
using Quorate.Cli.Shell;
using Quorate.Etcd.Contract;

namespace Quorate.Cli.Bench;

/// <summary>The watchers of <c>bench watch</c>, spread over their own connections, one stream each; they check what they see.</summary>
internal sealed class WatchFleet(BenchSettings settings, Requests requests, LoadLoop loop) : ILoadHandler
{
    private const long TurnUs = 10_000;
    private static readonly TimeSpan SetupPatience = TimeSpan.FromSeconds(60);

    private readonly List<(LoadConnection Connection, LoadStream? Stream)> _streams = [];
    private readonly long[] _lastRevision = new long[settings.Watchers];
    private long _created;
    private long _expected;
    private long _received;
    private long _receivedBefore;
    private long _outOfOrder;
    private long _measuredFrom = long.MaxValue;

    /// <summary>From when a write was sent, or was due, to when a watcher saw it.</summary>
    public LatencyHistogram Latencies { get; } = new();

    public bool Owns(LoadConnection connection) => connection.Index < _streams.Count;

    /// <summary>Creates all watchers; they stand when it returns.</summary>
    public void Start(CancellationToken stop)
    {
        int connections = Math.Min(settings.Connections, settings.Watchers);
        for (int index = 0; index < connections; index++)
        {
            _streams.Add((loop.Open(settings.Endpoints[index % settings.Endpoints.Count], this), null));
        }

        long next = 0;
        long beganAt = Stopwatch.GetTimestamp();
        while (_created < settings.Watchers)
        {
            stop.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(beganAt) > SetupPatience)
            {
                throw new CliException($"only {_created} of {settings.Watchers} watchers stand after {SetupPatience.TotalSeconds:0} s");
            }

            while (next < settings.Watchers && Create(next))
            {
                next++;
            }

            foreach ((LoadConnection connection, _) in _streams)
            {
                loop.Flush(connection, Broken);
            }

            loop.Turn(TurnUs, Broken);
        }
    }

    public void BeginMeasuring(long now)
    {
        _measuredFrom = now;
        _receivedBefore = _received;
    }

    /// <summary>A write of this key was acknowledged.</summary>
    public void Expect(long key) => _expected += settings.WatchPrefix
        ? settings.Watchers
        : (settings.Watchers / settings.Keys) + (key < settings.Watchers % settings.Keys ? 1 : 0);

    /// <summary>Waits until everything that was acknowledged has been seen.</summary>
    public void CatchUp(TimeSpan patience, CancellationToken stop)
    {
        long beganAt = Stopwatch.GetTimestamp();
        while (_received < _expected && Stopwatch.GetElapsedTime(beganAt) < patience)
        {
            stop.ThrowIfCancellationRequested();
            loop.Turn(TurnUs, Broken);
        }
    }

    public WatchReport Report(TimeSpan elapsed)
    {
        long events = _received - _receivedBefore;
        return new WatchReport(
            settings.Watchers, events, Math.Round(events / elapsed.TotalSeconds, 1), Math.Max(0, _expected - _received), _outOfOrder);
    }

    public void OnMessage(LoadConnection connection, LoadStream stream, ReadOnlySpan<byte> message)
    {
        long watchId = 0;
        bool isCanceled = false;
        ProtoReader fields = new(message);
        while (fields.Read())
        {
            switch (fields.Field)
            {
                case 2:
                    watchId = (long)fields.Number;
                    break;
                case 3 when fields.Number != 0:
                    _created++;
                    break;
                case 4 when fields.Number != 0:
                    isCanceled = true;
                    break;
                case 11:
                    // Field 2 stands before the events: fields are written in the order of their numbers.
                    TakeEvent(watchId, fields.Bytes);
                    break;
                default:
                    break;
            }
        }

        if (isCanceled)
        {
            throw new CliException($"{connection.Endpoint} cancelled watch {watchId}");
        }
    }

    public void OnEnd(LoadConnection connection, LoadStream stream, int status, string message) =>
        throw new CliException($"{connection.Endpoint} ended a watch stream: gRPC status {status} {message}");

    private static void Broken(LoadConnection connection, string why) => throw new CliException($"a connection broke: {why}");

    private bool Create(long watcher)
    {
        int index = (int)(watcher % _streams.Count);
        (LoadConnection connection, LoadStream? stream) = _streams[index];
        if (!connection.HasRoom(requests.LargestBytes) || stream?.SendWindow < requests.LargestBytes)
        {
            return false;
        }

        // Id 0 would let the server choose.
        ReadOnlySpan<byte> create = requests.Watch(watcher % settings.Keys, watcher + 1);
        if (stream is null)
        {
            _streams[index] = (connection, connection.Call(EtcdMethods.Watch, create, 0, 0, isLast: false));
        }
        else
        {
            connection.Send(stream, create);
        }

        return true;
    }

    private void TakeEvent(long watchId, ReadOnlySpan<byte> message)
    {
        if (watchId < 1 || watchId > settings.Watchers)
        {
            throw new CliException($"an event for watch {watchId}, which nobody created");
        }

        long revision = 0;
        long stamp = 0;
        ProtoReader fields = new(message);
        while (fields.Read())
        {
            if (fields.Field == 2)
            {
                (revision, stamp) = ReadKeyValue(fields.Bytes);
            }
        }

        _received++;
        if (revision <= _lastRevision[watchId - 1])
        {
            _outOfOrder++;
        }

        _lastRevision[watchId - 1] = revision;
        if (stamp >= _measuredFrom)
        {
            Latencies.Record((long)((Stopwatch.GetTimestamp() - stamp) / LoadLoop.TicksPerMicrosecond));
        }
    }

    private static (long Revision, long Stamp) ReadKeyValue(ReadOnlySpan<byte> message)
    {
        long revision = 0;
        long stamp = 0;
        ProtoReader fields = new(message);
        while (fields.Read())
        {
            if (fields.Field == 3)
            {
                revision = (long)fields.Number;
            }
            else if (fields.Field == 5 && fields.Bytes.Length >= Requests.StampBytes)
            {
                stamp = BinaryPrimitives.ReadInt64LittleEndian(fields.Bytes);
            }
        }

        return (revision, stamp);
    }
}
