using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// Removes what compaction has doomed, a bounded number of versions at a time, and never looks at anything else. Where it
/// stands is what is left in the garbage table, so it goes on after a restart or on another replica's snapshot.
/// </summary>
internal sealed class Sweeper(HashedMap map, StatePlants plants)
{
    private readonly List<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> _doomed = [];

    /// <summary>Removes up to <paramref name="max"/> versions that are due.</summary>
    /// <returns>Whether some may be left.</returns>
    public bool Sweep(long compactRevision, int max)
    {
        _doomed.Clear();
        MapCursor cursor = map.Reader.Seek([Layout.GarbageTable]);
        while (_doomed.Count < max && cursor.MoveNext() && IsDue(cursor, compactRevision))
        {
            _doomed.Add((cursor.Key, cursor.Value));
        }

        foreach ((ReadOnlyMemory<byte> garbageKey, ReadOnlyMemory<byte> doomedRevision) in _doomed)
        {
            map.Remove(VersionKey(garbageKey.Span[Layout.NumberedPrefixSize..], doomedRevision.Span));
            map.Remove(garbageKey.Span);
        }

        return _doomed.Count == max;
    }

    private bool IsDue(MapCursor cursor, long compactRevision)
    {
        ReadOnlySpan<byte> key = cursor.Key.Span;
        if (key[0] != Layout.GarbageTable)
        {
            return false;
        }

        long due = Layout.NumberOf(key);
        bool isTombstone = Layout.RevisionOf(cursor.Value.Span) == due - 1;
        bool isEarly = (plants & StatePlants.CompactionDropsTombstone) != 0 && isTombstone;
        return due - (isEarly ? 1 : 0) <= compactRevision;
    }

    private static byte[] VersionKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> invertedRevision)
    {
        int prefixSize = Layout.PrefixSize(key);
        var versionKey = new byte[prefixSize + Layout.RevisionSize];
        Layout.WritePrefix(versionKey, key);
        invertedRevision.CopyTo(versionKey.AsSpan(prefixSize));
        return versionKey;
    }
}
