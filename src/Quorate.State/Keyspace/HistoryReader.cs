using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// Finds the changes of a range of keys from some revision on by walking the keys of the range: there is no index by
/// revision. Memory grows with what is asked for, not with the history.
/// </summary>
internal sealed class HistoryReader(long fromRevision, long compactRevision, int maxRevisions)
{
    private const int MinPrune = 4096;

    private readonly List<Change> _changes = [];
    private long _ceiling = long.MaxValue;
    private int _pruneAt = MinPrune;

    /// <summary>Reads the first revisions with changes in the range.</summary>
    /// <returns>The highest revision that is now complete; <see cref="long.MaxValue"/> when there are no more.</returns>
    public long Read(IMapReader map, KeyRange range, List<RevisionEvents> into)
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
        bool isOnVersion = true;
        while (isOnVersion && cursor.Revision >= fromRevision)
        {
            var change = new Change(cursor.Revision, cursor.VersionKey, cursor.Stored);
            isOnVersion = cursor.MoveOlder();

            // The version before is what a read at the revision before would find: nothing below the compact revision, even
            // when it has not been swept yet, or replicas would tell different histories.
            if (isOnVersion && change.Revision - 1 >= compactRevision && !cursor.IsTombstone)
            {
                change = change with { PreviousKey = cursor.VersionKey, PreviousStored = cursor.Stored };
            }

            _changes.Add(change);
        }
    }

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

    private readonly record struct Change(long Revision, ReadOnlyMemory<byte> VersionKey, ReadOnlyMemory<byte> Stored) : IComparable<Change>
    {
        private readonly int _order = VersionRecord.Decode(VersionKey.Span, Stored).Order;

        public ReadOnlyMemory<byte> PreviousKey { get; init; }

        public ReadOnlyMemory<byte> PreviousStored { get; init; }

        public int CompareTo(Change other)
        {
            int byRevision = Revision.CompareTo(other.Revision);
            return byRevision != 0 ? byRevision : _order.CompareTo(other._order);
        }

        public WatchEvent ToEvent()
        {
            VersionRecord record = VersionRecord.Decode(VersionKey.Span, Stored);
            ReadOnlyMemory<byte> key = Layout.KeyOf(VersionKey);
            KeyValue? previous = PreviousKey.IsEmpty ? null : VersionRecord.Decode(PreviousKey.Span, PreviousStored).ToKeyValue(key);
            return new WatchEvent(record.ToKeyValue(key), record.IsTombstone, previous);
        }
    }
}
