using Quorate.Storage;

namespace Quorate.State;

/// <summary>Answers range queries: filter, then sort, then limit, counting everything in the range on the way.</summary>
internal static class RangeReader
{
    /// <summary>Reads a range.</summary>
    /// <param name="map">Where the versions are.</param>
    /// <param name="query">What to read; its revision is not looked at.</param>
    /// <param name="atRevision">The revision to read at; <see cref="long.MaxValue"/> for the newest.</param>
    /// <param name="storeRevision">The store's revision, for the answer.</param>
    public static RangeResult Read(IMapReader map, RangeQuery query, long atRevision, long storeRevision)
    {
        var cursor = new VersionCursor(map, query.Range);
        SortedSelection? sorted = IsSorted(query) ? new SortedSelection(query) : null;
        var found = new List<KeyValue>();
        long count = 0;
        bool more = false;
        while (cursor.MoveNextKey(atRevision))
        {
            if (cursor.IsTombstone)
            {
                continue;
            }

            count++;
            if (query.CountOnly || (more && sorted is null))
            {
                continue;
            }

            VersionRecord record = cursor.Record;
            if (!Passes(query, record))
            {
                continue;
            }

            if (sorted is not null)
            {
                sorted.Add(record.ToKeyValue(cursor.Key));
            }
            else if (query.Limit > 0 && found.Count >= query.Limit)
            {
                more = true;
            }
            else
            {
                found.Add(query.KeysOnly ? WithoutValue(record.ToKeyValue(cursor.Key)) : record.ToKeyValue(cursor.Key));
            }
        }

        if (sorted is not null)
        {
            found = sorted.Take(out more);
        }

        return new RangeResult(storeRevision, found, more, count);
    }

    /// <summary>The newest live version of a key at or below a revision.</summary>
    public static KeyValue? Find(IMapReader map, ReadOnlyMemory<byte> key, long atRevision)
    {
        var cursor = new VersionCursor(map, new KeyRange(key, default));
        return cursor.MoveNextKey(atRevision) && !cursor.IsTombstone ? cursor.Record.ToKeyValue(cursor.Key) : null;
    }

    internal static KeyValue WithoutValue(KeyValue found) => found with { Value = default };

    /// <summary>Keys come in ascending order by themselves; every other order has to be made.</summary>
    private static bool IsSorted(RangeQuery query) =>
        query.SortTarget != SortTarget.Key || query.SortOrder == SortOrder.Descending;

    private static bool Passes(RangeQuery query, in VersionRecord record) =>
        (query.MinModRevision == 0 || record.Mod >= query.MinModRevision)
        && (query.MaxModRevision == 0 || record.Mod <= query.MaxModRevision)
        && (query.MinCreateRevision == 0 || record.Create >= query.MinCreateRevision)
        && (query.MaxCreateRevision == 0 || record.Create <= query.MaxCreateRevision);
}
