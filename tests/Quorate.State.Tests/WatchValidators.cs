namespace Quorate.State.Tests;

/// <summary>
/// What etcd's robustness tests ask of a watch stream, judged from outside: filter, ordered, unique, atomic, reliable, resumable,
/// bookmarkable, correct previous value, correct creation; and that a stream says first that a watcher exists and nothing after its end.
/// </summary>
internal sealed class WatchValidators(WatchWorld world)
{
    private readonly Dictionary<long, Seen> _watchers = [];

    /// <summary>Judges the messages of one stream.</summary>
    /// <param name="messages">In the order they were pushed.</param>
    /// <param name="requests">The requests, in the order of their creation, by watch id.</param>
    /// <param name="isComplete">Whether everything was consumed at the end, so that nothing may be missing.</param>
    public void Check(IEnumerable<WatchMessage> messages, IReadOnlyDictionary<long, Queue<WatchRequest>> requests, bool isComplete)
    {
        foreach (WatchMessage message in messages)
        {
            switch (message)
            {
                case WatchCreated created:
                    WatchRequest request = requests[created.WatchId].Dequeue();
                    _watchers.Add(created.WatchId, new Seen(request, request.StartRevision == 0 ? created.Revision + 1 : request.StartRevision));
                    break;
                case WatchEvents events:
                    OnEvents(Known(events), events);
                    break;
                case WatchProgress { WatchId: -1 } progress:
                    foreach (Seen seen in _watchers.Values)
                    {
                        OnProgress(seen, progress.Revision);
                    }

                    break;
                case WatchProgress progress:
                    Require(Known(progress).Request.ProgressNotify, "progress that nobody asked for");
                    OnProgress(Known(progress), progress.Revision);
                    break;
                case WatchCanceled canceled:
                    OnCanceled(Known(canceled), canceled);
                    _watchers.Remove(canceled.WatchId);
                    break;
            }
        }

        foreach (Seen seen in _watchers.Values)
        {
            if (isComplete)
            {
                RequireNothingMissing(seen, world.Revision, "reliable: events are missing at the end");
            }
        }
    }

    private Seen Known(WatchMessage message)
    {
        Require(_watchers.ContainsKey(message.WatchId), $"{message} before its creation or after its end");
        return _watchers[message.WatchId];
    }

    private void OnEvents(Seen seen, WatchEvents message)
    {
        Require(message.Events.Count > 0, "an empty message");
        Require(message.Events[0].Current.ModRevision > seen.Last, "atomic: a revision in two messages, or out of order");
        long first = message.Events[0].Current.ModRevision;
        Require(first > seen.Bookmark, "bookmarkable: an event at or below a progress told");
        RequireNothingMissing(seen, first - 1, seen.Last < seen.Start ? "resumable: does not begin with the first event" : "reliable: a gap");
        var keys = new HashSet<string>();
        foreach (WatchEvent change in message.Events)
        {
            long revision = change.Current.ModRevision;
            Require(revision >= seen.Start, "an event before the start revision");
            Require(revision >= seen.Last, "ordered");
            Require(revision <= message.Revision, "an event after the revision of its message");
            Require(keys.Add($"{revision}/{WatchWorld.Text(change.Current.Key)}"), "unique");
            Require(seen.Request.Range.Contains(change.Current.Key.Span), "filter: a key outside the range");
            Require(!(change.IsDelete ? seen.Request.NoDelete : seen.Request.NoPut), "filter: an event that was filtered out");
            seen.Last = revision;
        }

        List<WatchEvent> expected = [.. world.Expected(seen.Request, first, seen.Last)];
        Require(expected.Count == message.Events.Count, "reliable and atomic: not the whole revisions");
        for (int index = 0; index < expected.Count; index++)
        {
            RequireSame(seen.Request, expected[index], message.Events[index]);
        }
    }

    private static void RequireSame(WatchRequest request, WatchEvent expected, WatchEvent got)
    {
        Require(expected.IsDelete == got.IsDelete && Same(expected.Current, got.Current), "another event than was written");
        bool isCreate = !got.IsDelete && got.Current.CreateRevision == got.Current.ModRevision;
        Require(isCreate == (!expected.IsDelete && expected.Current.Version == 1), "created or modified: wrong");
        if (!request.WithPrevious)
        {
            Require(got.Previous is null, "a previous value that nobody asked for");
        }
        else if (got.Previous is not null || expected.Previous is null)
        {
            Require(Same(expected.Previous, got.Previous), "previous value: wrong");
        }
    }

    private static bool Same(KeyValue? left, KeyValue? right) => left is null || right is null
        ? ReferenceEquals(left, right)
        : left.Key.Span.SequenceEqual(right.Key.Span) && left.Value.Span.SequenceEqual(right.Value.Span)
            && left with { Key = default, Value = default } == right with { Key = default, Value = default };

    private void OnProgress(Seen seen, long revision)
    {
        Require(revision >= seen.Bookmark, "bookmarkable: progress went back");
        seen.Bookmark = revision;
        RequireNothingMissing(seen, revision, "bookmarkable: progress before an event at or below it");
    }

    private static void OnCanceled(Seen seen, WatchCanceled canceled)
    {
        long needed = Math.Max(seen.Start, seen.Last + 1);
        Require(canceled.CompactRevision == 0 || canceled.CompactRevision > needed, "canceled as compacted without need");
    }

    private void RequireNothingMissing(Seen seen, long upTo, string what) =>
        Require(!world.Expected(seen.Request, Math.Max(seen.Start, seen.Last + 1), upTo).Any(), what);

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new WatchViolationException(what);
        }
    }

    private sealed class Seen(WatchRequest request, long start)
    {
        public WatchRequest Request { get; } = request;

        public long Start { get; } = start;

        public long Last { get; set; }

        public long Bookmark { get; set; }
    }
}

/// <summary>A stream told its client something false.</summary>
internal sealed class WatchViolationException(string message) : Exception(message);
