using Quorate.Storage;

namespace Quorate.State;

/// <summary>Whether the compares of a transaction hold: on the state before its first write, whoever runs it.</summary>
internal static class Guards
{
    public static bool AllHold(IMapReader map, IReadOnlyList<Compare> compares)
    {
        foreach (Compare compare in compares)
        {
            if (!Holds(map, compare))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Holds(IMapReader map, Compare compare)
    {
        var cursor = new VersionCursor(map, compare.Range);
        bool isAnyThere = false;
        while (cursor.MoveNextKey(long.MaxValue))
        {
            if (cursor.IsTombstone)
            {
                continue;
            }

            isAnyThere = true;
            if (!Holds(compare, cursor.Record))
            {
                return false;
            }
        }

        // A key that is not there has zeros for numbers, and no value that anything could be compared with.
        return isAnyThere || (compare.Target != CompareTarget.Value && Holds(compare, default(VersionRecord)));
    }

    private static bool Holds(Compare compare, in VersionRecord record)
    {
        int order = compare.Target switch
        {
            CompareTarget.Version => record.Version.CompareTo(compare.Number),
            CompareTarget.Create => record.Create.CompareTo(compare.Number),
            CompareTarget.Mod => record.Mod.CompareTo(compare.Number),
            CompareTarget.Lease => record.Lease.CompareTo(compare.Number),
            _ => record.Value.Span.SequenceCompareTo(compare.Value.Span),
        };
        return compare.Result switch
        {
            CompareResult.Equal => order == 0,
            CompareResult.NotEqual => order != 0,
            CompareResult.Greater => order > 0,
            _ => order < 0,
        };
    }
}
