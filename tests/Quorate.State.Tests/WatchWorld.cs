using System.Text;

namespace Quorate.State.Tests;

/// <summary>A keyspace that keeps every revision it ever had: what watchers ought to be told is read off it.</summary>
internal sealed class WatchWorld
{
    private readonly SortedDictionary<string, KeyValue> _live = new(StringComparer.Ordinal);

    /// <summary>All revisions; the first is 2, as etcd's.</summary>
    public List<RevisionEvents> Revisions { get; } = [];

    public long Revision => Revisions.Count + 1;

    public long CompactRevision { get; private set; }

    public IWatchHistory Version() => new WorldVersion([.. Revisions], Revision, CompactRevision);

    public void Compact(long revision) => CompactRevision = Math.Max(CompactRevision, revision);

    /// <summary>One revision of puts (a value) and deletions (<see langword="null"/>); deletions of missing keys are passed over.</summary>
    /// <returns>The revision, or <see langword="null"/> when nothing changed.</returns>
    public RevisionEvents? Write(params (string Key, string? Value)[] changes)
    {
        var events = new List<WatchEvent>();
        long revision = Revision + 1;
        foreach ((string key, string? value) in changes)
        {
            _live.TryGetValue(key, out KeyValue? previous);
            if (value is not null)
            {
                var current = new KeyValue(Bytes(key), Bytes(value), previous?.CreateRevision ?? revision, revision, (previous?.Version ?? 0) + 1, 0);
                _live[key] = current;
                events.Add(new WatchEvent(current, false, previous));
            }
            else if (_live.Remove(key))
            {
                events.Add(new WatchEvent(new KeyValue(Bytes(key), default, 0, revision, 0, 0), true, previous));
            }
        }

        if (events.Count == 0)
        {
            return null;
        }

        Revisions.Add(new RevisionEvents(revision, events));
        return Revisions[^1];
    }

    /// <summary>What a watcher ought to see in [from, to], a revision at a time.</summary>
    public IEnumerable<WatchEvent> Expected(WatchRequest request, long first, long last) =>
        from revision in Revisions
        where revision.Revision >= first && revision.Revision <= last
        from change in revision.Events
        where request.Range.Contains(change.Current.Key.Span) && !(change.IsDelete ? request.NoDelete : request.NoPut)
        select change;

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static KeyRange Key(string key) => new(Bytes(key), default);

    public static KeyRange Prefix(string prefix)
    {
        byte[] end = Bytes(prefix);
        end[^1]++;
        return new KeyRange(Bytes(prefix), end);
    }

    public static readonly KeyRange Everything = new(new byte[] { 0 }, new byte[] { 0 });

    public static WatchRequest Watch(KeyRange range, long start = 0, bool previous = false, bool noPut = false, bool noDelete = false, bool notify = false) =>
        new(range, start, previous, noPut, noDelete, notify);

    private sealed record WorldVersion(RevisionEvents[] Revisions, long Revision, long CompactRevision) : IWatchHistory
    {
        public long ReadHistory(KeyRange range, long fromRevision, int maxRevisions, List<RevisionEvents> into)
        {
            Assert.True(fromRevision >= CompactRevision, "asked for what is compacted");
            int added = 0;
            for (long revision = Math.Max(2, fromRevision); revision <= Revision; revision++)
            {
                var events = Revisions[(int)revision - 2].Events.Where(change => range.Contains(change.Current.Key.Span)).ToList();
                if (events.Count == 0)
                {
                    continue;
                }

                if (added == maxRevisions)
                {
                    return revision;
                }

                added++;
                if (revision == CompactRevision)
                {
                    events = [.. events.Select(change => change with { Previous = null })];
                }

                into.Add(new RevisionEvents(revision, events));
            }

            return Revision + 1;
        }
    }
}
