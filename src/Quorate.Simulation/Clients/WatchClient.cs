using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>
/// Watches a range through one node after the other, resuming where it stopped, and consumes at its own pace. What it is told
/// is held against the model at once: ordered, unique, whole revisions, no gap, nothing too early.
/// </summary>
internal sealed class WatchClient
{
    private readonly World _world;
    private readonly int _number;
    private readonly SeededGenerator _generator;
    private readonly string _prefix;
    private readonly bool _noDelete;
    private readonly long _slownessUs;
    private SimulatedNode? _node;
    private int _session;
    private int _stream;
    private long _watchId;
    private long _next;
    private bool _isCreated;

    public WatchClient(World world, int number, SeededGenerator generator)
    {
        _world = world;
        _number = number;
        _generator = generator;
        _prefix = generator.Pick("k", "k", "k0", "j");
        _noDelete = generator.Chance(200);
        _slownessUs = generator.Pick(0L, 20_000, 300_000);
    }

    /// <summary>The node it watches through; none while it looks for one.</summary>
    public SimulatedNode? Node => _node;

    /// <summary>The revision it expects next; 0 before the first session.</summary>
    public long Next => _next;

    public string Name => $"watcher {_number} of {_prefix}*";

    public void Start() => _world.After(_generator.Delay(20_000), Open);

    public void NodeDied(SimulatedNode node)
    {
        if (_node == node)
        {
            _node = null;
            _world.After(_generator.Delay(20_000), Open);
        }
    }

    /// <summary>Leaves its node for another.</summary>
    public void MoveTo(SimulatedNode node)
    {
        if (_node is { } old)
        {
            int stream = _stream;
            old.Post(() => old.Replica!.Watches.CloseStream(stream));
        }

        OpenOn(node);
    }

    private void Open()
    {
        SimulatedNode node = _world.Reachable[_generator.Between(0, _world.Reachable.Count - 1)];
        if (_node is not null)
        {
            return;
        }

        if (!node.IsUp || node.IsPaused)
        {
            _world.After(_generator.Delay(50_000), Open);
            return;
        }

        OpenOn(node);
    }

    private void OpenOn(SimulatedNode node)
    {
        _node = node;
        int session = ++_session;
        node.Post(() =>
        {
            if (_session == session)
            {
                _watchId = session;
                _isCreated = false;
                var sink = new Sink(this, node, session);
                _stream = node.Replica!.Watches.OpenStream(sink);
                sink.Stream = _stream;
                var request = new WatchRequest(Operation.PrefixRange(_prefix), _next, WithPrevious: true, NoPut: false, _noDelete, ProgressNotify: true);
                node.Replica.Watches.Create(_stream, _watchId, request);
                AskProgress(node, session);
            }
        });
    }

    private void AskProgress(SimulatedNode node, int session) => node.After(_generator.Delay(400_000), () =>
    {
        if (_session == session)
        {
            node.Post(() => node.Replica!.Watches.RequestProgress(_stream));
            AskProgress(node, session);
        }
    });

    private void Take(WatchMessage message)
    {
        ViolationException.Require(message.WatchId == _watchId || message is WatchProgress { WatchId: -1 }, "watch", $"{Name} is told of watch {message.WatchId}");
        ViolationException.Require(_isCreated == message is not WatchCreated, "watch", $"{Name} is told {message} out of order");
        switch (message)
        {
            case WatchCreated created:
                _isCreated = true;
                _next = _next == 0 ? created.Revision + 1 : _next;
                break;
            case WatchEvents events:
                TakeEvents(events);
                break;
            case WatchProgress progress:
                // Nothing at or below the revision is outstanding.
                long missed = NextWithEvents(_next);
                ViolationException.Require(missed > progress.Revision, "watch", $"{Name} is told of progress {progress.Revision} without revision {missed}");
                break;
            case WatchCanceled canceled:
                TakeCanceled(canceled);
                break;
        }
    }

    private void TakeCanceled(WatchCanceled canceled)
    {
        ViolationException.Require(
            canceled.CompactRevision > _next && canceled.CompactRevision <= _world.Judge.Model.CompactRevision, "watch",
            $"{Name}, due to see {_next}, is canceled for compaction up to {canceled.CompactRevision}");
        _world.Tally.See("watch canceled by compaction");
        _next = canceled.CompactRevision;
        (SimulatedNode node, int stream) = (_node!, _stream);
        node.Post(() => node.Replica!.Watches.CloseStream(stream));
        _node = null;
        _world.After(_generator.Delay(20_000), Open);
    }

    private void TakeEvents(WatchEvents message)
    {
        ModelStore model = _world.Judge.Model;
        ViolationException.Require(message.Events.Count > 0, "watch", $"{Name} is told nothing");
        for (int at = 0; at < message.Events.Count;)
        {
            long revision = message.Events[at].Current.ModRevision;
            long due = NextWithEvents(_next);
            ViolationException.Require(revision == due, "watch", $"{Name} is told of revision {revision}, due is {due}");
            foreach (ModelEvent expected in model.EventsOf(revision))
            {
                if (IsSeen(expected))
                {
                    ViolationException.Require(
                        at < message.Events.Count, "watch", $"{Name} is told of revision {revision} in pieces");
                    Check(message.Events[at++], expected);
                }
            }

            _next = revision + 1;
        }

        ViolationException.Require(message.Revision >= _next - 1, "watch", $"{Name} is told of {_next - 1} by a store at {message.Revision}");
    }

    private void Check(WatchEvent actual, ModelEvent expected)
    {
        string current = actual.IsDelete
            ? new ModelVersion(System.Text.Encoding.Latin1.GetString(actual.Current.Key.Span), null, 0, actual.Current.ModRevision, 0, 0).ToString()
            : ResultText.Of(actual.Current);
        ViolationException.Require(current == expected.Current.ToString(), "watch", $"{Name} is told '{current}', expected is '{expected.Current}'");
        string? previous = actual.Previous is null ? null : ResultText.Of(actual.Previous);
        bool mayBeGone = expected.Current.Mod - 1 < _world.Judge.Model.CompactRevision;
        ViolationException.Require(
            previous == expected.Previous?.ToString() || (previous is null && mayBeGone), "watch",
            $"{Name} is told that '{previous}' was before '{current}', expected is '{expected.Previous}'");
    }

    private bool IsSeen(ModelEvent change) =>
        change.Current.Key.StartsWith(_prefix, StringComparison.Ordinal) && !(_noDelete && change.Current.IsTombstone);

    // The first revision at or behind this one of which this watcher has to be told; the one after the last if there is none.
    private long NextWithEvents(long from)
    {
        ModelStore model = _world.Judge.Model;
        for (long revision = from; revision <= model.Revision; revision++)
        {
            foreach (ModelEvent change in model.EventsOf(revision))
            {
                if (IsSeen(change))
                {
                    return revision;
                }
            }
        }

        return Math.Max(from, model.Revision + 1);
    }

    /// <summary>The revision of which it has to be told next, which does not exist yet when it was told of all.</summary>
    public long NextDue() => NextWithEvents(_next);

    private void Take(WatchMessage message, SimulatedNode node, int session)
    {
        // A client that has turned away does not listen, though it may be told a few things still.
        if (_session == session && _node == node)
        {
            _world.Note(TraceKind.Watch, node.Index, number: (ulong)message.WatchId, detail: message);
            Take(message);
        }
    }

    /// <summary>One session's end of a stream.</summary>
    private sealed class Sink(WatchClient client, SimulatedNode node, int session) : IWatchSink
    {
        public int Stream { get; set; }

        public void Push(WatchMessage message, int bytes)
        {
            client.Take(message, node, session);
            long delayUs = client._slownessUs == 0 ? 0 : client._generator.Delay(client._slownessUs);
            node.After(delayUs, () => node.Post(() => node.Replica!.Watches.Consumed(Stream, bytes)));
        }
    }
}
