using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// Finds the changes of a range of keys from some revision on by walking the keys of the range: there is no index by
/// revision. Time and memory for one key grow with what is asked for, however often it was overwritten since.
/// </summary>
internal sealed class HistoryReader(IMapReader map, long fromRevision, long compactRevision, int maxRevisions)
{
    private const int MinPrune = 4096;

    private readonly List<Change> _changes = [];
    private long _ceiling = long.MaxValue;
    private int _pruneAt = MinPrune;

    /// <summary>Reads the first revisions with changes in the range.</summary>
    /// <returns>The highest revision that is now complete; <see cref="long.MaxValue"/> when there are no more.</returns>
    public long Read(KeyRange range, List<RevisionEvents> into)
    {
        var cursor = new VersionCursor(map, range);
        while (cursor.MoveNextKey(_ceiling))
        {
            GatherKey(cursor);
            if (_changes.Count >= _pruneAt)
            {
                Prune();
                _pruneAt = Math.Max(MinPrune, 2 * _changes.Count);
            }
        }

        Prune();
        Group(into);
        return _ceiling;
    }

    private void GatherKey(VersionCursor cursor)
    {
        if (cursor.Revision < fromRevision)
        {
            return;
        }

        var newest = new StoredVersion(cursor.VersionKey, cursor.Stored);
        if (cursor.MoveOlder() && cursor.Revision >= fromRevision)
        {
            GatherUpwards(newest.Key[..^Layout.RevisionSize]);
        }
        else
        {
            Add(newest, cursor.IsOnSameKey ? new StoredVersion(cursor.VersionKey, cursor.Stored) : default);
        }
    }

    /// <summary>Gathers the versions of one key from the first revision of interest upwards, and no more of them than can be delivered.</summary>
    private void GatherUpwards(ReadOnlyMemory<byte> prefix)
    {
        byte[] before = Layout.VersionKey(prefix.Span, fromRevision - 1);
        MapCursor older = map.Seek(before);
        StoredVersion previous = older.MoveNext() && IsOf(prefix, older.Key) ? new StoredVersion(older.Key, older.Value) : default;
        MapCursor newer = map.SeekBackward(before);
        int count = 0;
        while (newer.MoveNext() && IsOf(prefix, newer.Key) && Layout.RevisionOf(newer.Key.Span) <= _ceiling)
        {
            var version = new StoredVersion(newer.Key, newer.Value);
            Add(version, previous);
            previous = version;
            if (++count == maxRevisions)
            {
                _ceiling = version.Revision;
            }
        }
    }

    private void Add(StoredVersion version, StoredVersion previous)
    {
        // The version before is what a read at the revision before would find: nothing below the compact revision, even when
        // it has not been swept yet, or replicas would tell different histories.
        bool isReadable = !previous.IsNone && !previous.IsTombstone && version.Revision - 1 >= compactRevision;
        _changes.Add(new Change(version.Revision, version.Record.Order, version, isReadable ? previous : default));
    }

    private static bool IsOf(ReadOnlyMemory<byte> prefix, ReadOnlyMemory<byte> versionKey) =>
        versionKey.Length == prefix.Length + Layout.RevisionSize && versionKey.Span.StartsWith(prefix.Span);

    /// <summary>Sorts, and drops what lies behind the last revision that will be delivered.</summary>
    private void Prune()
    {
        _changes.Sort();
        int revisions = 0;
        for (int i = 0; i < _changes.Count; i++)
        {
            revisions += i == 0 || _changes[i].Revision != _changes[i - 1].Revision ? 1 : 0;
            if (revisions > maxRevisions)
            {
                _ceiling = _changes[i - 1].Revision;
                _changes.RemoveRange(i, _changes.Count - i);
                return;
            }
        }
    }

    private void Group(List<RevisionEvents> into)
    {
        for (int first = 0; first < _changes.Count;)
        {
            int end = first + 1;
            while (end < _changes.Count && _changes[end].Revision == _changes[first].Revision)
            {
                end++;
            }

            var events = new WatchEvent[end - first];
            for (int i = first; i < end; i++)
            {
                events[i - first] = _changes[i].ToEvent();
            }

            into.Add(new RevisionEvents(_changes[first].Revision, events));
            first = end;
        }
    }

    private readonly record struct StoredVersion(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Stored)
    {
        public bool IsNone => Key.IsEmpty;

        public long Revision => Layout.RevisionOf(Key.Span);

        public bool IsTombstone => VersionRecord.IsStoredTombstone(Stored.Span);

        public VersionRecord Record => VersionRecord.Decode(Key.Span, Stored);
    }

    private readonly record struct Change(long Revision, int Order, StoredVersion Version, StoredVersion Previous) : IComparable<Change>
    {
        public int CompareTo(Change other)
        {
            int byRevision = Revision.CompareTo(other.Revision);
            return byRevision != 0 ? byRevision : Order.CompareTo(other.Order);
        }

        public WatchEvent ToEvent()
        {
            VersionRecord record = Version.Record;
            ReadOnlyMemory<byte> key = Layout.KeyOf(Version.Key);
            return new WatchEvent(record.ToKeyValue(key), record.IsTombstone, Previous.IsNone ? null : Previous.Record.ToKeyValue(key));
        }
    }
}
