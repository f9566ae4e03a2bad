namespace Quorate.Grpc.Server;

/// <summary>What went through a port.</summary>
internal sealed class PortCounters
{
    private long _receivedBytes;
    private long _sentBytes;

    public long ReceivedBytes => Interlocked.Read(ref _receivedBytes);

    public long SentBytes => Interlocked.Read(ref _sentBytes);

    public void Add(long receivedBytes, long sentBytes)
    {
        Interlocked.Add(ref _receivedBytes, receivedBytes);
        Interlocked.Add(ref _sentBytes, sentBytes);
    }
}
