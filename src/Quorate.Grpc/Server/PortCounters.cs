namespace Quorate.Grpc.Server;

/// <summary>What went through a port.</summary>
internal sealed class PortCounters
{
    private long _receivedBytes;
    private long _sentBytes;
    private int _openStreams;
    private long _refusedCalls;

    public long ReceivedBytes => Interlocked.Read(ref _receivedBytes);

    public long SentBytes => Interlocked.Read(ref _sentBytes);

    /// <summary>Calls that end only when the server drains.</summary>
    public int OpenStreams => Volatile.Read(ref _openStreams);

    /// <summary>Calls refused because their connection leaves its answers unread.</summary>
    public long RefusedCalls => Interlocked.Read(ref _refusedCalls);

    public void CallRefused() => Interlocked.Increment(ref _refusedCalls);

    public void StreamBegan() => Interlocked.Increment(ref _openStreams);

    public void StreamEnded() => Interlocked.Decrement(ref _openStreams);

    public void Add(long receivedBytes, long sentBytes)
    {
        Interlocked.Add(ref _receivedBytes, receivedBytes);
        Interlocked.Add(ref _sentBytes, sentBytes);
    }
}
