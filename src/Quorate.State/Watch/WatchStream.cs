namespace Quorate.State;

/// <summary>One client's stream: its watchers, and how much of what was pushed to it is not consumed yet.</summary>
internal sealed class WatchStream
{
    /// <summary>What a message counts for beside its events.</summary>
    private const int MessageBytes = 64;

    private readonly int _limitBytes;
    private readonly IWatchSink _sink;
    private long _toldWhileFullBytes;

    public WatchStream(int id, IWatchSink sink, int limitBytes)
    {
        Id = id;
        _sink = sink;
        _limitBytes = limitBytes;
        Node = new LinkedListNode<WatchStream>(this);
    }

    public int Id { get; }

    public SortedDictionary<long, Watcher> Watchers { get; } = [];

    /// <summary>Watchers that are behind and wait for their turn.</summary>
    public LinkedList<Watcher> Lagging { get; } = new();

    /// <summary>Its place among the streams that can be caught up now.</summary>
    public LinkedListNode<WatchStream> Node { get; }

    /// <summary>Watchers that are not synced, wherever they wait.</summary>
    public int LaggingCount { get; set; }

    /// <summary>Watchers that want to be told their progress.</summary>
    public int NotifyCount { get; set; }

    public bool HasProgressDue { get; set; }

    public long UnconsumedBytes { get; private set; }

    /// <summary>Whether events have to wait: from reaching the limit until half of it is consumed, so that catching up goes in large pieces.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether even short answers are too many: the client sends and sends, and does not read.</summary>
    public bool IsFlooded => _toldWhileFullBytes >= _limitBytes;

    /// <summary>Pushes events.</summary>
    public void Push(WatchEvents message, int eventBytes) => Push(message, checked(eventBytes + MessageBytes), isShort: false);

    /// <summary>Pushes a message without events.</summary>
    public void Tell(WatchMessage message) => Push(message, MessageBytes, isShort: true);

    /// <summary>The consumer took so many bytes.</summary>
    public void Consumed(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, UnconsumedBytes);
        UnconsumedBytes -= bytes;
        if (UnconsumedBytes <= _limitBytes / 2)
        {
            IsFull = false;
            _toldWhileFullBytes = 0;
        }
    }

    private void Push(WatchMessage message, int bytes, bool isShort)
    {
        _toldWhileFullBytes += IsFull && isShort ? bytes : 0;
        UnconsumedBytes += bytes;
        IsFull |= UnconsumedBytes >= _limitBytes;
        _sink.Push(message, bytes);
    }
}
