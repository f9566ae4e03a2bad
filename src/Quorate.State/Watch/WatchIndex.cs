namespace Quorate.State;

/// <summary>Who watches what: single keys by one look-up, ranges by a <see cref="RangeIndex"/>.</summary>
internal sealed class WatchIndex(ulong seed)
{
    private readonly Dictionary<ReadOnlyMemory<byte>, WatchedRange> _keys = new(new KeyBytesComparer(seed));
    private readonly RangeIndex _ranges = new();

    /// <summary>The entry for a range, made if nobody watches it yet.</summary>
    public WatchedRange Enter(KeyRange range)
    {
        WatchedRange? watched = range.IsSingle ? _keys.GetValueOrDefault(range.Key) : _ranges.Find(range);
        if (watched is not null)
        {
            return watched;
        }

        watched = new WatchedRange(range);
        if (range.IsSingle)
        {
            _keys.Add(range.Key, watched);
        }
        else
        {
            _ranges.Add(watched);
        }

        return watched;
    }

    /// <summary>Takes a watcher out, and its range when it was the last.</summary>
    public void Remove(Watcher watcher)
    {
        WatchedRange watched = watcher.Range;
        watched.Remove(watcher);
        if (watched.Watchers.Count > 0)
        {
            return;
        }

        if (watched.Range.IsSingle)
        {
            _keys.Remove(watched.Range.Key);
        }
        else
        {
            _ranges.Remove(watched);
        }
    }

    /// <summary>Adds every watched range that holds the key.</summary>
    public void Match(ReadOnlyMemory<byte> key, List<WatchedRange> into)
    {
        if (_keys.TryGetValue(key, out WatchedRange? watched))
        {
            into.Add(watched);
        }

        if (_ranges.Count > 0)
        {
            _ranges.Match(key.Span, into);
        }
    }
}
