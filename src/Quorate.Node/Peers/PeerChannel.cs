using System.Buffers.Binary;
using System.Net.Sockets;
using Quorate.Consensus;

namespace Quorate.Node;

/// <summary>
/// The sending side of a connection to one peer. The loop thread gathers frames and flushes once a turn, straight into the
/// socket when it takes them; what it does not take goes out in the background. What waits is bounded: beyond it frames are
/// dropped, as a network may.
/// </summary>
internal sealed class PeerChannel : IDisposable
{
    private const int MaxWaitingBytes = 64 << 20;

    /// <summary>Where <c>struct tcp_info</c> of <c>linux/tcp.h</c> has the smoothed round trip, in microseconds.</summary>
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int TcpInfoRoundTripAt = 68;

    private readonly Socket _socket;
    private readonly object _gate = new();
    private readonly SocketAsyncEventArgs _sending = new();
    private byte[] _filling = new byte[64 << 10];
    private byte[] _flying = new byte[64 << 10];
    private int _filled;
    private bool _busy;
    private bool _closed;

    public PeerChannel(NodeId peer, Socket socket, PeerTraffic traffic)
    {
        Peer = peer;
        Traffic = traffic;
        _socket = socket;
        _sending.Completed += (_, _) => Completed();
    }

    public NodeId Peer { get; }

    public PeerTraffic Traffic { get; }

    /// <summary>The round trip that the kernel sees on this connection, if it says.</summary>
    public bool TryGetRoundTrip(out TimeSpan time)
    {
        Span<byte> info = stackalloc byte[TcpInfoRoundTripAt + sizeof(uint)];
        try
        {
            int length = _socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
            uint microseconds = length < info.Length ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(info[TcpInfoRoundTripAt..]);
            time = TimeSpan.FromMicroseconds(microseconds);
            return microseconds > 0;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            time = TimeSpan.Zero;
            return false;
        }
    }

    /// <summary>Gathers a frame.</summary>
    public void Add(ReadOnlySpan<byte> payload)
    {
        int length = PeerFraming.HeadBytes + payload.Length;
        lock (_gate)
        {
            if (_closed || _filled + length > MaxWaitingBytes)
            {
                return;
            }

            if (_filling.Length - _filled < length)
            {
                Array.Resize(ref _filling, Math.Max(_filling.Length * 2, _filled + length));
            }

            PeerFraming.WriteHead(_filling.AsSpan(_filled), payload);
            payload.CopyTo(_filling.AsSpan(_filled + PeerFraming.HeadBytes));
            _filled += length;
        }
    }

    /// <summary>Sends what was gathered.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_filled > 0 && !_busy && !_closed)
            {
                SendFilled();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _socket.Dispose();
    }

    private void SendFilled()
    {
        (_filling, _flying) = (_flying, _filling);
        int count = _filled;
        _filled = 0;
        Traffic.Sent(count);
        int sent = _socket.Send(_flying.AsSpan(0, count), SocketFlags.None, out SocketError error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            Dispose();
            return;
        }

        if (error == SocketError.WouldBlock)
        {
            sent = 0;
        }

        if (sent < count)
        {
            _busy = true;
            SendRest(sent, count - sent);
        }
    }

    private void SendRest(int offset, int count)
    {
        _sending.SetBuffer(_flying, offset, count);
        try
        {
            if (!_socket.SendAsync(_sending))
            {
                // Completed at once; the gate is held, so go on from the pool rather than recurse.
                ThreadPool.UnsafeQueueUserWorkItem(static channel => channel.Completed(), this, preferLocal: false);
            }
        }
        catch (ObjectDisposedException)
        {
            _closed = true;
        }
    }

    private void Completed()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            if (_sending.SocketError != SocketError.Success)
            {
                Dispose();
                return;
            }

            int remaining = _sending.Count - _sending.BytesTransferred;
            if (remaining > 0)
            {
                SendRest(_sending.Offset + _sending.BytesTransferred, remaining);
                return;
            }

            _busy = false;
            if (_filled > 0)
            {
                SendFilled();
            }
        }
    }
}
