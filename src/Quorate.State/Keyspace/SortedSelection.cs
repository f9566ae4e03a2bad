namespace Quorate.State;

/// <summary>
/// Keeps the first few of many by some order, in memory that grows with the limit and not with the range. Equal ones keep
/// the order of their keys, so that every replica answers alike.
/// </summary>
internal sealed class SortedSelection(RangeQuery query)
{
    private const int MinSlack = 64;

    private readonly List<KeyValue> _kept = [];
    private readonly long _cutAt = query.Limit is > 0 and <= int.MaxValue / 4 ? (2 * query.Limit) + MinSlack : long.MaxValue;
    private long _seen;

    public void Add(KeyValue candidate)
    {
        _seen++;
        _kept.Add(query.KeysOnly && query.SortTarget != SortTarget.Value ? RangeReader.WithoutValue(candidate) : candidate);
        if (_kept.Count >= _cutAt)
        {
            Cut();
        }
    }

    /// <summary>The selection in order.</summary>
    public List<KeyValue> Take(out bool more)
    {
        Cut();
        more = query.Limit > 0 && _seen > query.Limit;
        return query.KeysOnly ? _kept.ConvertAll(RangeReader.WithoutValue) : _kept;
    }

    private void Cut()
    {
        _kept.Sort(Compare);
        if (query.Limit > 0 && _kept.Count > query.Limit)
        {
            _kept.RemoveRange((int)query.Limit, _kept.Count - (int)query.Limit);
        }
    }

    private int Compare(KeyValue left, KeyValue right)
    {
        int order = query.SortTarget switch
        {
            SortTarget.Version => left.Version.CompareTo(right.Version),
            SortTarget.Create => left.CreateRevision.CompareTo(right.CreateRevision),
            SortTarget.Mod => left.ModRevision.CompareTo(right.ModRevision),
            SortTarget.Value => left.Value.Span.SequenceCompareTo(right.Value.Span),
            _ => left.Key.Span.SequenceCompareTo(right.Key.Span),
        };
        order = query.SortOrder == SortOrder.Descending ? -Math.Sign(order) : order;
        return order != 0 ? order : left.Key.Span.SequenceCompareTo(right.Key.Span);
    }
}
