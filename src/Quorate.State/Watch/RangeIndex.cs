namespace Quorate.State;

/// <summary>
/// Finds the watched ranges that hold a key: ranges sorted by where they begin, read as a balanced binary tree in which each
/// node knows the furthest end below it. A change costs a pass over all ranges at the next look-up; there are few, and they
/// change seldom beside how often they are asked.
/// </summary>
internal sealed class RangeIndex
{
    private readonly List<WatchedRange> _sorted = [];
    private ReadOnlyMemory<byte>?[] _furthestEnds = [];
    private bool _isStale;

    public int Count => _sorted.Count;

    /// <summary>The entry of a range that is watched already, or <see langword="null"/>.</summary>
    public WatchedRange? Find(KeyRange range)
    {
        int index = Search(range);
        return index >= 0 ? _sorted[index] : null;
    }

    public void Add(WatchedRange watched)
    {
        _sorted.Insert(~Search(watched.Range), watched);
        _isStale = true;
    }

    public void Remove(WatchedRange watched)
    {
        _sorted.RemoveAt(Search(watched.Range));
        _isStale = true;
    }

    /// <summary>Adds every range that holds the key, in order of where they begin.</summary>
    public void Match(ReadOnlySpan<byte> key, List<WatchedRange> into)
    {
        if (_isStale)
        {
            if (_furthestEnds.Length < _sorted.Count)
            {
                _furthestEnds = new ReadOnlyMemory<byte>?[_sorted.Count * 2];
            }

            Refresh(0, _sorted.Count);
            _isStale = false;
        }

        Match(0, _sorted.Count, key, into);
    }

    private void Match(int low, int high, ReadOnlySpan<byte> key, List<WatchedRange> into)
    {
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_furthestEnds[middle] is { } end && end.Span.SequenceCompareTo(key) <= 0)
            {
                return;
            }

            Match(low, middle, key, into);
            WatchedRange watched = _sorted[middle];
            if (watched.Range.Key.Span.SequenceCompareTo(key) > 0)
            {
                return;
            }

            if (watched.Range.Contains(key))
            {
                into.Add(watched);
            }

            low = middle + 1;
        }
    }

    /// <summary>Sets the furthest end of the subtree over [low, high) at its middle; <see langword="null"/> is the end of all keys.</summary>
    private ReadOnlyMemory<byte>? Refresh(int low, int high)
    {
        int middle = (low + high) >>> 1;
        ReadOnlyMemory<byte>? furthest = EndOf(_sorted[middle].Range);
        if (low < middle)
        {
            furthest = Further(furthest, Refresh(low, middle));
        }

        if (middle + 1 < high)
        {
            furthest = Further(furthest, Refresh(middle + 1, high));
        }

        return _furthestEnds[middle] = furthest;
    }

    private int Search(KeyRange range)
    {
        int low = 0;
        int high = _sorted.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = Compare(_sorted[middle].Range, range);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }

        return ~low;
    }

    private static int Compare(KeyRange left, KeyRange right)
    {
        int byKey = left.Key.Span.SequenceCompareTo(right.Key.Span);
        return byKey != 0 ? byKey : left.End.Span.SequenceCompareTo(right.End.Span);
    }

    private static ReadOnlyMemory<byte>? EndOf(KeyRange range)
    {
        // A conditional expression would take null for an empty memory: there is a conversion from null arrays.
        if (range.IsUnbounded)
        {
            return null;
        }

        return range.End;
    }

    private static ReadOnlyMemory<byte>? Further(ReadOnlyMemory<byte>? left, ReadOnlyMemory<byte>? right)
    {
        if (left is not { } leftEnd || right is not { } rightEnd)
        {
            return null;
        }

        return leftEnd.Span.SequenceCompareTo(rightEnd.Span) >= 0 ? left : right;
    }
}
