using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Quorate.State;

/// <summary>
/// Tells watchers what changes. Driven by one thread, the group's loop: the state machine hands it revisions while it
/// applies, and the end of each batch delivers them. Every watcher is told of each matching change from its start on, once,
/// in order, whole revisions at a time, or is told that it cannot be (compacted).
/// </summary>
/// <remarks>
/// What a stream has not consumed is bounded. Past the bound its watchers fall behind: each keeps only the next revision it
/// needs, and is caught up from the recent revisions (<see cref="Work"/>) or, further back, from the history of a version
/// (<see cref="TryTakeJob"/>) when the consumer has made room. So a client that never reads costs a fixed amount of memory
/// and nobody else's time.
/// </remarks>
public sealed class WatchHub : IStateObserver
{
    private readonly WatchHubOptions _options;
    private readonly SortedDictionary<int, WatchStream> _streams = [];
    private readonly WatchIndex _index;
    private readonly ProgressSchedule _schedule;
    private readonly WatchCatchUp _catchUp;
    private readonly List<RecentRevision> _batch = [];
    private readonly List<RecentRevision> _gathered = [];
    private readonly BatchMatcher _matcher;
    private IWatchHistory _current;
    private IWatchHistory _published;
    private int _pushed;
    private long _gathersUntilMs;
    private int _lastStreamId;

    /// <summary>Makes a hub without streams.</summary>
    /// <param name="options">Its bounds.</param>
    /// <param name="current">The state as of now.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound leaves no room to work.</exception>
    public WatchHub(WatchHubOptions options, IWatchHistory current)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(current);
        options.Check();
        _options = options;
        _current = current;
        _published = current;
        _index = new WatchIndex(options.Seed);
        _matcher = new BatchMatcher(_index);
        _schedule = new ProgressSchedule(options);
        _catchUp = new WatchCatchUp(options, current.Revision, this);
    }

    /// <summary>How many streams are open.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>How many watchers there are.</summary>
    public int WatcherCount { get; private set; }

    /// <summary>How many of them are behind.</summary>
    public int LaggingCount => _catchUp.LaggingCount;

    /// <summary>The version whose revisions are told; what was published behind it is gathered.</summary>
    internal IWatchHistory Current => _current;

    /// <summary>Opens a stream.</summary>
    /// <returns>Its id; never used twice.</returns>
    public int OpenStream(IWatchSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var stream = new WatchStream(++_lastStreamId, sink, _options.StreamBytes);
        _streams.Add(stream.Id, stream);
        return stream.Id;
    }

    /// <summary>Ends a stream and its watchers without a word; a stream that is not open is passed over, here and in every other call.</summary>
    public void CloseStream(int stream)
    {
        if (!_streams.Remove(stream, out WatchStream? found))
        {
            return;
        }

        foreach (Watcher watcher in found.Watchers.Values)
        {
            Forget(watcher);
        }

        found.Watchers.Clear();
        WatchCatchUp.Forget(found);
    }

    /// <summary>Creates a watcher; <see cref="WatchCreated"/> is pushed at once, and <see cref="WatchCanceled"/> behind it when its start is compacted.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="watchId">Its id, not in use on the stream.</param>
    /// <param name="request">What it wants to see.</param>
    /// <returns><see langword="false"/> when the stream must be ended: its client sends requests and reads no answers.</returns>
    /// <exception cref="ArgumentException">The id is in use, or the start revision is negative.</exception>
    public bool Create(int stream, long watchId, WatchRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegative(request.StartRevision);
        if (!_streams.TryGetValue(stream, out WatchStream? found))
        {
            return true;
        }

        if (found.IsFlooded)
        {
            return false;
        }

        if (found.Watchers.ContainsKey(watchId))
        {
            throw new ArgumentException($"Watch id {watchId} is in use on the stream.", nameof(watchId));
        }

        // Whoever starts to watch has seen what is published.
        Deliver();
        long start = request.StartRevision == 0 ? _current.Revision + 1 : request.StartRevision;
        long min = _options.Plants.HasFlag(WatchPlants.FutureStartEarly) && start > _current.Revision ? 0 : start;
        var watcher = new Watcher(found, watchId, request, _index.Enter(request.Range)) { MinRevision = min, Position = start, IsSynced = true };
        found.Watchers.Add(watchId, watcher);
        watcher.Range.Add(watcher);
        WatcherCount++;
        found.Tell(new WatchCreated(watchId, _current.Revision));
        if (request.ProgressNotify && ++found.NotifyCount == 1)
        {
            _schedule.Add(found);
        }

        if (start < _current.CompactRevision)
        {
            CancelCompacted(watcher);
        }
        else if (start <= _current.Revision)
        {
            _catchUp.FallBehind(watcher, start);
        }

        return true;
    }

    /// <summary>Ends a watcher, if there is one of this id; <see cref="WatchCanceled"/> is pushed at once.</summary>
    /// <returns><see langword="false"/> when the stream must be ended, as <see cref="Create"/>.</returns>
    public bool Cancel(int stream, long watchId)
    {
        if (!_streams.TryGetValue(stream, out WatchStream? found) || !found.Watchers.TryGetValue(watchId, out Watcher? watcher))
        {
            return true;
        }

        if (found.IsFlooded)
        {
            return false;
        }

        End(watcher, 0);
        return true;
    }

    /// <summary>
    /// Pushes the progress of the whole stream (id −1), if it has watchers, all of them are told of everything published, and there is room;
    /// otherwise nothing, as etcd does: clients ask again.
    /// </summary>
    public void RequestProgress(int stream)
    {
        if (!_streams.TryGetValue(stream, out WatchStream? found) || found.IsFull || found.Watchers.Count == 0)
        {
            return;
        }

        Deliver();
        if (found.LaggingCount == 0 || _options.Plants.HasFlag(WatchPlants.ProgressTooEarly))
        {
            found.Tell(new WatchProgress(-1, _current.Revision));
        }
    }

    /// <summary>The consumer of a stream has taken so many of the bytes pushed to it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than was pushed.</exception>
    public void Consumed(int stream, long bytes)
    {
        if (_streams.TryGetValue(stream, out WatchStream? found))
        {
            found.Consumed(bytes);
            _catchUp.MakeReady(found);
            _catchUp.Work();
        }
    }

    /// <summary>A revision was applied. Only gathered: watchers hear of it when it is published.</summary>
    public void OnRevision(RevisionEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        Require(events.Revision == _published.Revision + _batch.Count + 1 && events.Events.Count > 0, "Revisions come one by one, each with events.");
        _batch.Add(new RecentRevision(events));
    }

    /// <summary>The batch is over: delivers what was gathered, unless enough was pushed lately, and does one step of catching up.</summary>
    public void OnPublished(IWatchHistory version)
    {
        ArgumentNullException.ThrowIfNull(version);
        Require(version.Revision == _published.Revision + _batch.Count, "What is published is what was gathered.");
        _published = version;
        _gathered.AddRange(_batch);
        _batch.Clear();
        if (_pushed <= _options.PromptMessages)
        {
            Deliver();
        }

        _catchUp.Work();
    }

    /// <summary>A snapshot was installed: whatever was gathered is void, and the revisions up to its own are read from its history.</summary>
    public void OnReset(IWatchHistory version)
    {
        ArgumentNullException.ThrowIfNull(version);
        Require(version.Revision >= _current.Revision, "A snapshot never lies before what is published.");
        long next = _current.Revision + 1;
        _batch.Clear();
        _gathered.Clear();
        _current = version;
        _published = version;
        _catchUp.Reset(version.Revision);
        foreach (WatchStream stream in _streams.Values)
        {
            foreach (Watcher watcher in stream.Watchers.Values)
            {
                long needed = Math.Max(next, watcher.MinRevision);
                if (watcher.IsSynced && needed <= version.Revision)
                {
                    _catchUp.FallBehind(watcher, needed);
                }
            }
        }

        _catchUp.Work();
    }

    /// <summary>
    /// Time has come to <paramref name="nowMs"/> (monotonic, milliseconds): delivers what was gathered, and tells quiet watchers their
    /// progress when it is due.
    /// </summary>
    public void Tick(long nowMs)
    {
        if (nowMs >= _gathersUntilMs)
        {
            _gathersUntilMs = nowMs + _options.GatherMs;
            _pushed = 0;
            Deliver();
        }

        while (_schedule.TryTakeDue(nowMs, out int id))
        {
            if (_streams.TryGetValue(id, out WatchStream? stream))
            {
                NotifyProgress(stream);
                _schedule.Again(stream);
            }
        }
    }

    /// <summary>Does one bounded step of catching up from the recent revisions.</summary>
    /// <returns>Whether there is more to do: call again soon.</returns>
    public bool Work() => _catchUp.Work();

    /// <summary>Takes a read of history that some watcher needs, unless enough of them are out. Run it anywhere, then hand it to <see cref="Complete"/>.</summary>
    public bool TryTakeJob([NotNullWhen(true)] out CatchUpJob? job) => _catchUp.TryTakeJob(out job);

    /// <summary>Delivers what a job has read.</summary>
    /// <exception cref="ArgumentException">It was not run.</exception>
    public void Complete(CatchUpJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        _catchUp.Complete(job);
        _catchUp.Work();
    }

    /// <summary>Pushes events to a watcher.</summary>
    internal void Push(Watcher watcher, EventDraft draft)
    {
        watcher.IsActive = true;
        _pushed++;
        List<WatchEvent> events = draft.Events;
        if (_options.Plants.HasFlag(WatchPlants.SplitRevision) && events.Count > 1)
        {
            watcher.Stream.Push(new WatchEvents(watcher.Id, _current.Revision, events[..^1]), draft.Bytes);
            events = events[^1..];
        }

        watcher.Stream.Push(new WatchEvents(watcher.Id, _current.Revision, events), draft.Bytes);
    }

    /// <summary>Ends a watcher whose next revision is compacted.</summary>
    internal void CancelCompacted(Watcher watcher) => End(watcher, _current.CompactRevision);

    private void End(Watcher watcher, long compactRevision)
    {
        Forget(watcher);
        watcher.Stream.Watchers.Remove(watcher.Id);
        watcher.Stream.Tell(new WatchCanceled(watcher.Id, _current.Revision, compactRevision));
    }

    private void Forget(Watcher watcher)
    {
        watcher.IsClosed = true;
        watcher.Stream.NotifyCount -= watcher.Request.ProgressNotify ? 1 : 0;
        WatcherCount--;
        _index.Remove(watcher);
        _catchUp.Forget(watcher);
    }

    /// <summary>Tells what was gathered since the last time.</summary>
    private void Deliver()
    {
        _current = _published;
        if (_gathered.Count == 0)
        {
            return;
        }

        foreach (Watcher watcher in _matcher.Begin(_gathered))
        {
            Deliver(watcher);
        }

        _matcher.End();
        _catchUp.Add(_gathered);
        _gathered.Clear();
    }

    private void Deliver(Watcher watcher)
    {
        EventDraft draft = watcher.Range.DraftFor(watcher, _options.MessageBytes);
        if (draft.IsEmpty)
        {
            return;
        }

        if (watcher.Stream.IsFull)
        {
            bool isLost = _options.Plants.HasFlag(WatchPlants.EventLost);
            _catchUp.FallBehind(watcher, isLost ? draft.First + 1 : draft.First);
            return;
        }

        Push(watcher, draft);
        if (draft.Next != 0)
        {
            _catchUp.FallBehind(watcher, draft.Next);
        }
    }

    private void NotifyProgress(WatchStream stream)
    {
        foreach (Watcher watcher in stream.Watchers.Values)
        {
            if (watcher.Request.ProgressNotify && watcher.IsSynced && !watcher.IsActive && !stream.IsFull)
            {
                stream.Tell(new WatchProgress(watcher.Id, _current.Revision));
            }

            watcher.IsActive = false;
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new UnreachableException(what);
        }
    }
}
