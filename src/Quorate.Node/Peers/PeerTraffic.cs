using System.Diagnostics.Metrics;
using Quorate.Consensus;

namespace Quorate.Node;

/// <summary>What went to and came from one peer, over all its connections.</summary>
internal sealed class PeerTraffic(NodeId peer)
{
    private long _sentBytes;
    private long _receivedBytes;
    private int _connections;

    /// <summary>Tells which peer it is, on every measurement.</summary>
    public KeyValuePair<string, object?> Tag { get; } = new("peer", peer.ToString());

    public long SentBytes => Interlocked.Read(ref _sentBytes);

    public long ReceivedBytes => Interlocked.Read(ref _receivedBytes);

    /// <summary>Connections to it that are open now.</summary>
    public long Connections => Volatile.Read(ref _connections);

    public void Sent(int bytes) => Interlocked.Add(ref _sentBytes, bytes);

    public void Received(int bytes) => Interlocked.Add(ref _receivedBytes, bytes);

    public void Connected(bool isOpen) => Interlocked.Add(ref _connections, isOpen ? 1 : -1);

    public Measurement<long> Measure(long value) => new(value, Tag);
}
