using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// Writes versions into the map: one revision for each command that writes, its operations numbered. Whoever calls it has
/// checked the command whole; from the first write on nothing can be refused.
/// </summary>
internal sealed class KeyspaceWriter(HashedMap map, in Meta meta)
{
    private const int MinScratch = 512;

    private byte[] _versionKey = new byte[MinScratch];
    private byte[] _numberedKey = new byte[MinScratch];
    private byte[] _record = new byte[MinScratch];
    private List<WatchEvent>? _events;
    private int _order;

    /// <summary>Revision of the last command that wrote.</summary>
    public long Revision { get; private set; } = meta.Revision;

    /// <summary>Live keys.</summary>
    public long KeyCount { get; private set; } = meta.KeyCount;

    /// <summary>The store's revision as an operation inside a running command tells it: already the next one once something was written.</summary>
    public long RevisionSoFar => Revision + (_order > 0 ? 1 : 0);

    public IMapReader Reader => map.Reader;

    /// <summary>Begins a command.</summary>
    /// <param name="gatherEvents">Whether somebody wants to see what it writes.</param>
    public void Begin(bool gatherEvents)
    {
        _order = 0;
        _events = gatherEvents ? [] : null;
    }

    /// <summary>Ends a command: a new revision if it wrote anything.</summary>
    /// <returns>What it wrote, if that was to be gathered and there is something.</returns>
    public RevisionEvents? End()
    {
        if (_order == 0)
        {
            return null;
        }

        Revision++;
        _order = 0;
        return _events is null ? null : new RevisionEvents(Revision, _events);
    }

    /// <summary>The newest live version of a key.</summary>
    public bool TryFind(ReadOnlySpan<byte> key, out VersionRecord found, out ReadOnlyMemory<byte> foundKey)
    {
        int prefixSize = WritePrefix(key);
        ReadOnlySpan<byte> prefix = _versionKey.AsSpan(0, prefixSize);
        MapCursor cursor = map.Reader.Seek(prefix);
        if (cursor.MoveNext())
        {
            ReadOnlyMemory<byte> versionKey = cursor.Key;
            if (versionKey.Length == prefixSize + Layout.RevisionSize && versionKey.Span.StartsWith(prefix))
            {
                found = VersionRecord.Decode(versionKey.Span, cursor.Value);
                foundKey = versionKey;
                return !found.IsTombstone;
            }
        }

        found = default;
        foundKey = default;
        return false;
    }

    /// <summary>Puts a key.</summary>
    /// <returns>What it replaced, if that is wanted and there was something.</returns>
    public KeyValue? Put(in PutFields put, bool wantPrevious)
    {
        bool exists = TryFind(put.Key, out VersionRecord previous, out ReadOnlyMemory<byte> previousKey);
        long revision = Revision + 1;
        long create = exists ? previous.Create : revision;
        long version = exists ? previous.Version + 1 : 1;
        long lease = put.IgnoreLease ? previous.Lease : put.Lease;
        ReadOnlySpan<byte> value = put.IgnoreValue ? previous.Value.Span : put.Value;
        Check.That(exists || !(put.IgnoreLease || put.IgnoreValue));

        Grow(ref _record, VersionRecord.MaxHeaderSize + value.Length);
        int size = VersionRecord.WriteHeader(_record, revision, create, version, lease, _order);
        value.CopyTo(_record.AsSpan(size));
        InsertVersion(put.Key, revision, size + value.Length);

        if (exists)
        {
            MarkGarbage(revision, put.Key, previous.Mod);
        }
        else
        {
            KeyCount++;
        }

        MoveAttachment(put.Key, exists ? previous.Lease : 0, lease);
        KeyValue? replaced = exists && (wantPrevious || _events is not null) ? previous.ToKeyValue(Layout.KeyOf(previousKey)) : null;
        _events?.Add(new WatchEvent(OwnedKeyValue(put.Key, value, create, revision, version, lease), IsDelete: false, replaced));
        _order++;
        return wantPrevious ? replaced : null;
    }

    /// <summary>Deletes every live key of a range.</summary>
    /// <param name="range">Which keys.</param>
    /// <param name="previous">Takes what was deleted, if that is wanted.</param>
    /// <returns>How many keys went.</returns>
    public long Delete(KeyRange range, List<KeyValue>? previous)
    {
        var doomed = new List<KeyValue>();
        var cursor = new VersionCursor(map.Reader, range);
        while (cursor.MoveNextKey(long.MaxValue))
        {
            if (!cursor.IsTombstone)
            {
                doomed.Add(cursor.Record.ToKeyValue(cursor.Key));
            }
        }

        foreach (KeyValue live in doomed)
        {
            DeleteLive(live);
        }

        previous?.AddRange(doomed);
        return doomed.Count;
    }

    private void DeleteLive(KeyValue live)
    {
        long revision = Revision + 1;
        ReadOnlySpan<byte> key = live.Key.Span;
        InsertVersion(key, revision, VersionRecord.WriteTombstone(_record, _order));
        MarkGarbage(revision, key, live.ModRevision);

        // The tombstone is garbage of its own from the next revision on: a watch may still start at its own (etcd #18089,
        // #19179). That it was marked here is why a put on top of a tombstone marks nothing.
        MarkGarbage(revision + 1, key, revision);
        MoveAttachment(key, live.Lease, 0);
        KeyCount--;
        _events?.Add(new WatchEvent(new KeyValue(live.Key, default, 0, revision, 0, 0), IsDelete: true, live));
        _order++;
    }

    private void InsertVersion(ReadOnlySpan<byte> key, long revision, int recordSize)
    {
        int prefixSize = WritePrefix(key);
        Layout.WriteRevision(_versionKey.AsSpan(prefixSize), revision);
        map.Insert(_versionKey.AsSpan(0, prefixSize + Layout.RevisionSize), _record.AsSpan(0, recordSize));
    }

    private void MarkGarbage(long due, ReadOnlySpan<byte> key, long doomedRevision)
    {
        Span<byte> doomed = stackalloc byte[Layout.RevisionSize];
        Layout.WriteRevision(doomed, doomedRevision);
        map.Insert(Numbered(Layout.GarbageTable, due, key), doomed);
    }

    private void MoveAttachment(ReadOnlySpan<byte> key, long from, long to)
    {
        if (from == to)
        {
            return;
        }

        if (from != 0)
        {
            map.Remove(Numbered(Layout.AttachmentTable, from, key));
        }

        if (to != 0)
        {
            map.Insert(Numbered(Layout.AttachmentTable, to, key), []);
        }
    }

    private int WritePrefix(ReadOnlySpan<byte> key)
    {
        Grow(ref _versionKey, Layout.PrefixSize(key) + Layout.RevisionSize);
        return Layout.WritePrefix(_versionKey, key);
    }

    private ReadOnlySpan<byte> Numbered(byte table, long number, ReadOnlySpan<byte> key)
    {
        Grow(ref _numberedKey, Layout.NumberedPrefixSize + key.Length);
        return _numberedKey.AsSpan(0, Layout.WriteNumbered(_numberedKey, table, number, key));
    }

    private static void Grow(ref byte[] scratch, int size)
    {
        if (scratch.Length < size)
        {
            scratch = new byte[Math.Max(size, 2 * scratch.Length)];
        }
    }

    /// <summary>An event owns its bytes: a slice of the entry would keep a whole batch alive for one slow watcher.</summary>
    private static KeyValue OwnedKeyValue(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long create, long mod, long version, long lease)
    {
        var bytes = new byte[key.Length + value.Length];
        key.CopyTo(bytes);
        value.CopyTo(bytes.AsSpan(key.Length));
        return new KeyValue(bytes.AsMemory(0, key.Length), bytes.AsMemory(key.Length), create, mod, version, lease);
    }
}
