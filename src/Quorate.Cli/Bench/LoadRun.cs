using System.Diagnostics;
using Quorate.Cli.Bench.Http2;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Bench;

/// <summary>
/// One run of a load: it fills the keys that reads need, warms up, waits until all is answered, measures. With a rate, a request's time
/// counts from when it was due, whether it could be sent then or not: a server that stalls cannot hide what it made wait (coordinated
/// omission). Without one, as many clients as asked for each wait for their answer before they ask again.
/// </summary>
internal sealed class LoadRun : ILoadHandler, IDisposable
{
    private const long IdleTurnUs = 100_000;
    private const long PauseAfterErrorUs = 10_000;
    private const long PauseBeforeReconnectUs = 200_000;
    private const int MostErrorTexts = 100;
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);

    private readonly BenchSettings _settings;
    private readonly LoadProgress _progress;
    private readonly LoadLoop _loop = new();
    private readonly Requests _requests;
    private readonly WatchFleet? _fleet;
    private readonly LatencyHistogram _latencies = new();
    private readonly SortedDictionary<string, long> _errorTexts = new(StringComparer.Ordinal);
    private readonly List<Slot> _slots = [];
    private Phase _phase;
    private long _limit;
    private long _deadline;
    private long _started;
    private long _ended;
    private long _succeeded;
    private double _nextDue;
    private double _dueInterval;

    public LoadRun(BenchSettings settings, LoadProgress progress)
    {
        _settings = settings;
        _progress = progress;
        _requests = new Requests(settings);
        _fleet = settings.Kind == BenchKind.Watch ? new WatchFleet(settings, _requests, _loop) : null;
    }

    private enum Phase
    {
        Preload,
        WarmUp,
        Measure,
    }

    /// <exception cref="CliException">A server cannot be reached, or is not what it seems.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public BenchReport Run(CancellationToken stop)
    {
        _fleet?.Start(stop);
        int connections = Math.Min(_settings.Connections, _settings.Clients);
        for (int index = 0; index < connections; index++)
        {
            int share = (_settings.Clients / connections) + (index < _settings.Clients % connections ? 1 : 0);
            Uri endpoint = _settings.Endpoints[index % _settings.Endpoints.Count];
            _slots.Add(new Slot(endpoint, share) { Connection = _loop.Open(endpoint, this) });
        }

        if (_settings.Kind is BenchKind.Range or BenchKind.Mixed)
        {
            Drive(Phase.Preload, _settings.Keys, null, stop);
        }

        Drive(Phase.WarmUp, long.MaxValue, _settings.WarmUp, stop);
        Reset();
        TimeSpan serversBefore = ProcessCpu.Of(_settings.Pids);
        TimeSpan clientBefore = Environment.CpuUsage.TotalTime;
        long beganAt = Stopwatch.GetTimestamp();
        _fleet?.BeginMeasuring(beganAt);
        Drive(Phase.Measure, _settings.Total ?? long.MaxValue, _settings.Duration, stop);
        _fleet?.CatchUp(AnswerPatience, stop);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(beganAt);
        return Report(elapsed, ProcessCpu.Of(_settings.Pids) - serversBefore, Environment.CpuUsage.TotalTime - clientBefore);
    }

    public void OnMessage(LoadConnection connection, LoadStream stream, ReadOnlySpan<byte> message)
    {
        // That a call succeeded is in its status; what a read found costs nothing to leave alone.
    }

    public void OnEnd(LoadConnection connection, LoadStream stream, int status, string message)
    {
        _ended++;
        Slot slot = _slots[connection.Index - _slots[0].FirstIndex];
        if (status == 0)
        {
            _succeeded++;
            _fleet?.Expect(stream.Tag);
            if (_phase == Phase.Measure)
            {
                _latencies.Record((long)((Stopwatch.GetTimestamp() - stream.StartedAt) / LoadLoop.TicksPerMicrosecond));
            }
        }
        else
        {
            Fail(slot, $"{(status < 0 ? "" : $"gRPC status {status}: ")}{message}", PauseAfterErrorUs);
        }

        Fill(slot);
    }

    public void Dispose() => _loop.Dispose();

    private void Reset()
    {
        _latencies.Clear();
        _errorTexts.Clear();
        _progress.Errors = 0;
    }

    /// <summary>Sends requests until so many are sent or the time is over, and waits for all answers.</summary>
    private void Drive(Phase phase, long limit, TimeSpan? duration, CancellationToken stop)
    {
        _phase = phase;
        _progress.Phase = phase switch { Phase.Preload => "writing keys", Phase.WarmUp => "warming up", _ => "measuring" };
        long now = Stopwatch.GetTimestamp();
        long beganAt = now;
        (_limit, _started, _ended, _succeeded, _nextDue) = (limit, 0, 0, 0, now);
        _deadline = duration is null ? long.MaxValue : now + (long)(duration.Value.TotalSeconds * Stopwatch.Frequency);
        _dueInterval = phase != Phase.Preload && _settings.RatePerSecond is double rate ? Stopwatch.Frequency / rate : 0;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            now = Stopwatch.GetTimestamp();
            bool isSending = _started < _limit && now < _deadline;
            if (!isSending && _ended >= _started)
            {
                return;
            }

            if (now > _deadline && Stopwatch.GetElapsedTime(_deadline, now) > AnswerPatience)
            {
                GiveUp();
                return;
            }

            FillAll(now);
            _loop.Turn(TurnUs(now, isSending), OnFailed);
            ShowProgress(beganAt, now, duration);
        }
    }

    private void ShowProgress(long beganAt, long now, TimeSpan? duration)
    {
        _progress.Done = _succeeded;
        _progress.Fraction = duration is null ? _ended / (double)_limit : Stopwatch.GetElapsedTime(beganAt, now) / duration.Value;
    }

    private long TurnUs(long now, bool isSending)
    {
        if (!isSending)
        {
            return IdleTurnUs;
        }

        double untilDueUs = _dueInterval > 0 ? (_nextDue - now) / LoadLoop.TicksPerMicrosecond : IdleTurnUs;
        bool isPaused = _slots.Any(slot => slot.PausedUntil > now);
        return Math.Clamp((long)untilDueUs, 0, isPaused ? PauseAfterErrorUs : IdleTurnUs);
    }

    /// <summary>Only requests that are due and connections that rest need this; all others are filled as their answers come.</summary>
    private void FillAll(long now)
    {
        int first = _dueInterval > 0 ? (int)(_started % _slots.Count) : 0;
        for (int at = 0; at < _slots.Count; at++)
        {
            Slot slot = _slots[(first + at) % _slots.Count];
            if (slot.Connection is null && slot.PausedUntil <= now)
            {
                Reconnect(slot, now);
            }

            if (slot.Connection is not null && Fill(slot, _dueInterval > 0 ? 1 : int.MaxValue))
            {
                _loop.Flush(slot.Connection, OnFailed);
            }
        }
    }

    private bool Fill(Slot slot, int most = int.MaxValue)
    {
        bool hasSent = false;
        while (most-- > 0 && slot.Connection is { } connection && connection.OpenStreams < slot.Share && connection.HasRoom(_requests.LargestBytes))
        {
            long now = Stopwatch.GetTimestamp();
            if (_started >= _limit || now >= _deadline || slot.PausedUntil > now || (_dueInterval > 0 && _nextDue > now))
            {
                break;
            }

            long startedAt = _dueInterval > 0 ? (long)_nextDue : now;
            _nextDue += _dueInterval;
            Send(connection, startedAt);
            hasSent = true;
        }

        return hasSent;
    }

    private void Send(LoadConnection connection, long startedAt)
    {
        string path = Etcd.Contract.EtcdMethods.Put;
        ReadOnlySpan<byte> message = _phase == Phase.Preload ? _requests.Preload(_started) : _requests.Next(_started, startedAt, out path);
        if (message.Length > connection.LargestMessageBytes)
        {
            throw CliException.Usage($"--value-size {_settings.ValueBytes} is more than this tool sends in one piece; use at most {connection.LargestMessageBytes - 128}");
        }

        _started++;
        connection.Call(path, message, startedAt, _requests.LastKey);
    }

    private void OnFailed(LoadConnection connection, string why)
    {
        if (_fleet?.Owns(connection) == true)
        {
            throw new CliException($"a watch broke off: {why}");
        }

        Slot slot = _slots[connection.Index - _slots[0].FirstIndex];
        if (slot.Connection != connection)
        {
            return;
        }

        slot.Connection = null;
        _ended += connection.OpenStreams;
        Fail(slot, why, PauseBeforeReconnectUs, Math.Max(1, connection.OpenStreams));
    }

    private void Fail(Slot slot, string why, long pauseUs, int count = 1)
    {
        slot.PausedUntil = Stopwatch.GetTimestamp() + (long)(pauseUs * LoadLoop.TicksPerMicrosecond);
        if (_errorTexts.Count < MostErrorTexts || _errorTexts.ContainsKey(why))
        {
            _errorTexts[why] = _errorTexts.GetValueOrDefault(why) + count;
        }

        _progress.Errors += count;
    }

    private void Reconnect(Slot slot, long now)
    {
        try
        {
            slot.Connection = _loop.Reopen(slot.Endpoint, slot.FirstIndex, this);
        }
        catch (CliException)
        {
            slot.PausedUntil = now + (long)(PauseBeforeReconnectUs * LoadLoop.TicksPerMicrosecond);
        }
    }

    /// <summary>Whatever was not answered in all this time counts as failed; its connection may be stuck.</summary>
    private void GiveUp()
    {
        foreach (Slot slot in _slots.Where(slot => slot.Connection is { OpenStreams: > 0 }))
        {
            Fail(slot, $"no answer within {AnswerPatience.TotalSeconds:0} s", PauseAfterErrorUs, slot.Connection!.OpenStreams);
        }
    }

    private BenchReport Report(TimeSpan elapsed, TimeSpan servers, TimeSpan client)
    {
        LatencyHistogram latencies = _fleet?.Latencies ?? _latencies;
        double operations = Math.Max(1, _succeeded);
        return new BenchReport(
            _settings.Kind.ToString().ToLowerInvariant(),
            [.. _settings.Endpoints.Select(url => url.ToString().TrimEnd('/'))],
            _slots.Count,
            _settings.Clients,
            _settings.ValueBytes,
            _settings.Keys,
            _settings.RatePerSecond,
            Math.Round(elapsed.TotalSeconds, 3),
            _succeeded,
            Math.Round(_succeeded / elapsed.TotalSeconds, 1),
            _progress.Errors,
            [.. _errorTexts.OrderByDescending(item => item.Value).Take(5).Select(item => new BenchError(item.Key, item.Value))],
            latencies.PercentileUs(500_000) / 1000.0,
            latencies.PercentileUs(990_000) / 1000.0,
            latencies.PercentileUs(999_000) / 1000.0,
            latencies.MaximumUs / 1000.0,
            Math.Round(latencies.MeanUs / 1000.0, 3),
            _settings.Pids.Count == 0 ? null : Math.Round(servers.TotalMicroseconds / operations, 2),
            Math.Round(client.TotalMicroseconds / operations, 2),
            _fleet?.Report(elapsed));
    }

    private sealed class Slot(Uri endpoint, int share)
    {
        private LoadConnection? _connection;

        public Uri Endpoint { get; } = endpoint;

        /// <summary>How many requests it may have in flight.</summary>
        public int Share { get; } = share;

        public long PausedUntil { get; set; }

        public int FirstIndex { get; private set; } = -1;

        public LoadConnection? Connection
        {
            get => _connection;
            set
            {
                _connection = value;
                FirstIndex = FirstIndex < 0 ? value!.Index : FirstIndex;
            }
        }
    }
}
