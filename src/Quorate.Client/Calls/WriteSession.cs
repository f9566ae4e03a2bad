namespace Quorate.Client.Calls;

/// <summary>One session: hands out numbers and knows up to which of them nothing will be sent again.</summary>
internal sealed class WriteSession(string id, long window)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<long> _underWay = [];
    private long _last;

    public string Id { get; } = id;

    /// <summary>The highest number that, like all below it, is over.</summary>
    public long Acknowledged
    {
        get
        {
            lock (_gate)
            {
                return _underWay.Count == 0 ? _last : _underWay.Min - 1;
            }
        }
    }

    /// <summary>The next number; <see langword="null"/> when the oldest one under way is too far behind.</summary>
    public WriteTicket? TryTake()
    {
        lock (_gate)
        {
            if (_underWay.Count > 0 && _last + 1 - _underWay.Min >= window)
            {
                return null;
            }

            _underWay.Add(++_last);
            return new WriteTicket(this, _last);
        }
    }

    public void Finish(long sequence)
    {
        lock (_gate)
        {
            _underWay.Remove(sequence);
        }
    }
}
