namespace Quorate.State;

/// <summary>When each stream's progress is due. Streams differ by up to a tenth of the interval, so that they do not all come at once.</summary>
internal sealed class ProgressSchedule(WatchHubOptions options)
{
    private readonly PriorityQueue<int, (long DueMs, int Stream)> _due = new();
    private long _nowMs;

    /// <summary>Starts a stream's interval, unless it runs already.</summary>
    public void Add(WatchStream stream)
    {
        if (!stream.HasProgressDue)
        {
            stream.HasProgressDue = true;
            Enqueue(stream.Id);
        }
    }

    /// <summary>Takes the next stream that is due; one at a time and at most once for one reading of the clock.</summary>
    public bool TryTakeDue(long nowMs, out int stream)
    {
        _nowMs = Math.Max(_nowMs, nowMs);
        if (_due.TryPeek(out stream, out (long DueMs, int Stream) when) && when.DueMs <= _nowMs)
        {
            _due.Dequeue();
            return true;
        }

        return false;
    }

    /// <summary>Starts the next interval of a stream that was due, as long as somebody on it wants to know.</summary>
    public void Again(WatchStream stream)
    {
        stream.HasProgressDue = stream.NotifyCount > 0;
        if (stream.HasProgressDue)
        {
            Enqueue(stream.Id);
        }
    }

    private void Enqueue(int stream)
    {
        ulong tenth = (ulong)(options.ProgressIntervalMs / 10);
        long jitterMs = (long)(KeyBytesComparer.Mix(options.Seed ^ (ulong)stream) % (tenth + 1));
        _due.Enqueue(stream, (_nowMs + options.ProgressIntervalMs + jitterMs, stream));
    }
}
