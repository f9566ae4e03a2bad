namespace Quorate.State.Tests;

/// <summary>One random life of a hub: writes, compactions, resets, clients that come, go, read and stall, all from one seed.</summary>
internal sealed class WatchModel
{
    private static readonly string[] Keys = ["a", "a/1", "a/2", "b", "b/1", "c"];
    private static readonly KeyRange[] Ranges =
    [
        WatchWorld.Key("a"), WatchWorld.Key("a/1"), WatchWorld.Key("b/1"), WatchWorld.Key("z"), WatchWorld.Prefix("a"),
        WatchWorld.Prefix("a/"), WatchWorld.Prefix("b"), WatchWorld.Everything, new(WatchWorld.Bytes("b"), new byte[] { 0 }),
        new(WatchWorld.Bytes("c"), WatchWorld.Bytes("a")),
    ];

    private readonly Random _random;
    private readonly WatchHubOptions _options;
    private readonly WatchWorld _world = new();
    private readonly WatchHub _hub;
    private readonly List<WatchConsumer> _consumers = [];
    private readonly List<WatchConsumer> _closed = [];
    private readonly Dictionary<WatchConsumer, Dictionary<long, Queue<WatchRequest>>> _requests = [];
    private readonly List<CatchUpJob> _jobs = [];
    private long _nowMs;

    public WatchModel(int seed, WatchPlants plants = WatchPlants.None)
    {
        _random = new Random(seed);
        _options = new WatchHubOptions
        {
            StreamBytes = _random.Next(200, 3000),
            MessageBytes = _random.Next(1, 1000),
            RecentRevisions = _random.Next(0, 20),
            PromptMessages = _random.Next(0, 8),
            GatherMs = _random.Next(0, 600),
            RecentBytes = _random.Next(0, 4000),
            StepEvents = _random.Next(1, 40),
            Jobs = _random.Next(1, 4),
            JobWatchers = _random.Next(1, 5),
            JobRevisions = _random.Next(1, 12),
            JobBytes = _random.Next(1, 2000),
            ProgressIntervalMs = _random.Next(100, 1000),
            Seed = (ulong)seed,
            Plants = plants,
        };
        for (int count = _random.Next(4); count > 0; count--)
        {
            Write();
        }

        _hub = new WatchHub(_options, _world.Version());
    }

    /// <summary>How many events reached a client.</summary>
    public int Delivered { get; private set; }

    public int JobsRun { get; private set; }

    public int Compacted { get; private set; }

    public int Progressed { get; private set; }

    public void Run(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            Step();
        }

        Publish();
        _hub.Tick(_nowMs + _options.GatherMs);
        Settle();
        foreach (WatchConsumer consumer in _consumers.Concat(_closed))
        {
            Check(consumer, isComplete: _consumers.Contains(consumer));
        }

        Assert.Equal(0, _hub.LaggingCount);
        _consumers.ForEach(consumer => _hub.CloseStream(consumer.Stream));
        Assert.Equal((0, 0), (_hub.StreamCount, _hub.WatcherCount));
    }

    private void Check(WatchConsumer consumer, bool isComplete)
    {
        new WatchValidators(_world).Check(consumer.Messages, _requests[consumer], isComplete);
        Delivered += consumer.Messages.OfType<WatchEvents>().Sum(message => message.Events.Count);
        Compacted += consumer.Messages.OfType<WatchCanceled>().Count(message => message.CompactRevision > 0);
        Progressed += consumer.Messages.OfType<WatchProgress>().Count();
        long boundBytes = (2L * _options.StreamBytes) + consumer.LargestMessageBytes + 64;
        Assert.True(consumer.MostUnreadBytes <= boundBytes, $"{consumer.MostUnreadBytes} unread of {boundBytes}");
    }

    private void Step()
    {
        switch (_random.Next(20))
        {
            case < 6:
                Apply();
                break;
            case < 10:
                Publish();
                break;
            case < 12:
                Create();
                break;
            case 12:
                Cancel();
                break;
            case 13 when _random.Next(4) == 0:
                CloseOrOpen();
                break;
            case 14 when _random.Next(3) == 0:
                _world.Compact(_random.NextInt64(_world.CompactRevision, _world.Revision + 1));
                break;
            case 15 when _random.Next(6) == 0:
                Reset();
                break;
            case 16:
                _nowMs += _random.Next(400);
                _hub.Tick(_nowMs);
                break;
            case 17:
                RunJobs();
                break;
            default:
                Read();
                break;
        }

        _hub.Work();
        if (_consumers.Count > 0 && _random.Next(4) == 0)
        {
            _hub.RequestProgress(_consumers[_random.Next(_consumers.Count)].Stream);
        }
    }

    private RevisionEvents? Write()
    {
        string[] keys = [.. Keys.OrderBy(_ => _random.Next()).Take(_random.Next(1, 4))];
        string value = new('v', _random.Next(1, 80));
        return _world.Write([.. keys.Select(key => (key, _random.Next(3) == 0 ? null : value))]);
    }

    private void Apply()
    {
        if (Write() is { } revision)
        {
            _hub.OnRevision(revision);
        }
    }

    private void Publish()
    {
        _hub.OnPublished(_world.Version());
    }

    /// <summary>A snapshot arrives: some revisions never pass the state machine here.</summary>
    private void Reset()
    {
        for (int count = _random.Next(30); count > 0; count--)
        {
            Write();
        }

        if (_random.Next(3) == 0)
        {
            _world.Compact(_random.NextInt64(_world.CompactRevision, _world.Revision + 1));
        }

        _hub.OnReset(_world.Version());
    }

    private void Create()
    {
        if (_consumers.Count == 0)
        {
            CloseOrOpen();
        }

        WatchConsumer consumer = _consumers[_random.Next(_consumers.Count)];
        long start = _random.Next(3) switch { 0 => 0, 1 => _random.NextInt64(1, _world.Revision + 1), _ => _world.Revision + _random.Next(5) };
        var request = new WatchRequest(Ranges[_random.Next(Ranges.Length)], start, Coin(), Coin() && Coin(), Coin() && Coin(), Coin());
        long id = _random.Next(12);
        bool isInUse = consumer.Messages.LastOrDefault(message => message.WatchId == id && message is (WatchCreated or WatchCanceled)) is WatchCreated;
        if (isInUse)
        {
            return;
        }

        int before = consumer.Messages.Count;
        bool isTaken = _hub.Create(consumer.Stream, id, request);
        Assert.Equal(isTaken, consumer.Messages.Count > before);
        if (isTaken)
        {
            Dictionary<long, Queue<WatchRequest>> requests = _requests[consumer];
            requests.TryAdd(id, []);
            requests[id].Enqueue(request);
        }
    }

    private void Cancel()
    {
        if (_consumers.Count > 0)
        {
            _hub.Cancel(_consumers[_random.Next(_consumers.Count)].Stream, _random.Next(12));
        }
    }

    private void CloseOrOpen()
    {
        if (_consumers.Count > 0 && Coin())
        {
            WatchConsumer consumer = _consumers[_random.Next(_consumers.Count)];
            _consumers.Remove(consumer);
            _closed.Add(consumer);
            _hub.CloseStream(consumer.Stream);
            int before = consumer.Messages.Count;
            _hub.RequestProgress(consumer.Stream);
            Assert.Equal(before, consumer.Messages.Count);
            return;
        }

        var opened = new WatchConsumer();
        opened.Stream = _hub.OpenStream(opened);
        _consumers.Add(opened);
        _requests.Add(opened, []);
    }

    private void Read()
    {
        if (_consumers.Count > 0)
        {
            _consumers[_random.Next(_consumers.Count)].Read(_hub, _random.Next(1, 6));
        }
    }

    /// <summary>Jobs run and come back in any order, while other things happen.</summary>
    private void RunJobs()
    {
        while (_random.Next(4) > 0 && _hub.TryTakeJob(out CatchUpJob? job))
        {
            _jobs.Add(job);
        }

        while (_jobs.Count > 0 && Coin())
        {
            CompleteOne();
        }
    }

    private void CompleteOne()
    {
        CatchUpJob job = _jobs[_random.Next(_jobs.Count)];
        _jobs.Remove(job);
        job.Run();
        _hub.Complete(job);
        JobsRun++;
    }

    /// <summary>Everybody reads until there is nothing more to do; a bound tells a livelock.</summary>
    private void Settle()
    {
        for (int round = 0; round < 20_000; round++)
        {
            bool isBusy = _hub.Work();
            while (_hub.TryTakeJob(out CatchUpJob? job))
            {
                _jobs.Add(job);
            }

            isBusy |= _jobs.Count > 0;
            while (_jobs.Count > 0)
            {
                CompleteOne();
            }

            _consumers.ForEach(consumer => isBusy |= consumer.Read(_hub));
            if (!isBusy)
            {
                return;
            }
        }

        throw new WatchViolationException("it never settles");
    }

    private bool Coin() => _random.Next(2) == 0;
}
