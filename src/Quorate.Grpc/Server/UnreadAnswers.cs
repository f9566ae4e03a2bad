namespace Quorate.Grpc.Server;

/// <summary>
/// What one HTTP/2 connection was answered and has not read yet, bounded in bytes. An answer that finds no room waits, unencoded, until the
/// client has read others. A client that leaves as much again waiting and reads nothing at all is stalled: its further calls are refused
/// before anything is done for them, and in the end it loses its connection. So a client that asks and never reads costs a fixed amount of
/// memory, while one that reads slowly is only slowed down.
/// </summary>
/// <remarks>
/// An answer takes room from when it is encoded until its stream has ended, which <see cref="WatchedTransport"/> sees on the wire: the server
/// has forgotten the call long before when its client is slow.
/// </remarks>
/// <param name="limitBytes">The bound; one answer alone may exceed it.</param>
/// <param name="cut">Closes the connection.</param>
internal sealed class UnreadAnswers(long limitBytes, Action cut)
{
    /// <summary>What a call counts for beside its answer: the stream that the server keeps for it until it has left, roughly.</summary>
    public const int CallBytes = 16 << 10;

    /// <summary>Without an answer read for so long while others wait, no further call is taken.</summary>
    private const long StalledAfterMs = 100;

    /// <summary>And after so long a further call ends the connection.</summary>
    private const long CutAfterMs = 10_000;

    /// <summary>Or after so many that were refused: the server keeps a refused stream too until it can say so.</summary>
    private const int MaxRefused = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _streams = [];
    private readonly LinkedList<Waiter> _waiters = new();
    private int _lastStream;
    private long _unreadBytes;
    private long _waitingBytes;
    private long _progressAtMs;
    private int _refused;

    /// <summary>Bytes that were answered and have not left.</summary>
    public long UnreadBytes => Interlocked.Read(ref _unreadBytes);

    /// <summary>Bytes of answers that wait for room.</summary>
    public long WaitingBytes => Interlocked.Read(ref _waitingBytes);

    /// <summary>The client has begun a stream. Later headers on it are trailers, and begin nothing.</summary>
    public void Opened(int stream)
    {
        lock (_gate)
        {
            if (stream > _lastStream)
            {
                _lastStream = stream;
                _streams.Add(stream, 0);
            }
        }
    }

    /// <summary>A stream has ended, by whatever side and however often that is said.</summary>
    public void Closed(int stream)
    {
        lock (_gate)
        {
            if (_streams.Remove(stream, out long bytes) && bytes > 0)
            {
                _unreadBytes -= bytes;
                _progressAtMs = Environment.TickCount64;
                _refused = 0;
                Admit();
            }
        }
    }

    /// <summary>Takes room for an answer on a stream if there is any.</summary>
    public bool TryEnter(int stream, long bytes)
    {
        lock (_gate)
        {
            bool hasRoom = _waiters.Count == 0 && HasRoom(bytes);
            if (hasRoom)
            {
                Enter(stream, bytes);
            }

            return hasRoom;
        }
    }

    /// <summary>Takes room for an answer on a stream, in turn with others that wait.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was room.</exception>
    public async Task EnterAsync(int stream, long bytes, CancellationToken cancellationToken)
    {
        Waiter waiter = Queue(stream, bytes);
        try
        {
            await waiter.Admitted.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUp(waiter);
            throw;
        }
    }

    /// <summary>Whether a new call is to be refused, because the client does not read what it is told already. Ends the connection when that has gone on for long.</summary>
    public bool IsStalled()
    {
        if (WaitingBytes < limitBytes)
        {
            return false;
        }

        long quietMs = Environment.TickCount64 - Interlocked.Read(ref _progressAtMs);
        if (quietMs <= StalledAfterMs)
        {
            return false;
        }

        if (quietMs > CutAfterMs || Interlocked.Increment(ref _refused) > MaxRefused)
        {
            cut();
        }

        return true;
    }

    private bool HasRoom(long bytes) => _unreadBytes == 0 || _unreadBytes + bytes <= limitBytes;

    /// <summary>A stream that is over holds nothing: what is written to it goes nowhere.</summary>
    private void Enter(int stream, long bytes)
    {
        if (_streams.TryGetValue(stream, out long held))
        {
            _streams[stream] = held + bytes;
            _unreadBytes += bytes;
        }
    }

    private Waiter Queue(int stream, long bytes)
    {
        var waiter = new Waiter(stream, bytes);
        lock (_gate)
        {
            if (_waiters.Count == 0)
            {
                _progressAtMs = Environment.TickCount64;
            }

            _waiters.AddLast(waiter.Node);
            _waitingBytes += bytes;
            Admit();
        }

        return waiter;
    }

    private void Admit()
    {
        while (_waiters.First is { } first && HasRoom(first.Value.Bytes))
        {
            Remove(first.Value);
            Enter(first.Value.Stream, first.Value.Bytes);
            first.Value.Admitted.SetResult();
        }
    }

    /// <summary>What was let in at the same moment keeps its room until its stream ends.</summary>
    private void GiveUp(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Node.List is not null)
            {
                Remove(waiter);
                Admit();
            }
        }
    }

    private void Remove(Waiter waiter)
    {
        _waiters.Remove(waiter.Node);
        _waitingBytes -= waiter.Bytes;
    }

    private sealed class Waiter
    {
        public Waiter(int stream, long bytes)
        {
            Stream = stream;
            Bytes = bytes;
            Node = new LinkedListNode<Waiter>(this);
        }

        public int Stream { get; }

        public long Bytes { get; }

        public LinkedListNode<Waiter> Node { get; }

        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
