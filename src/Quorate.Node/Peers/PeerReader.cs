using System.Buffers;
using System.Net.Sockets;
using Quorate.Consensus;

namespace Quorate.Node;

/// <summary>The receiving side of a connection to one peer; used by the loop thread alone. The socket does not block.</summary>
internal sealed class PeerReader : IDisposable
{
    private const int ReadBytes = 128 << 10;

    private readonly Socket _socket;
    private readonly PeerTraffic _traffic;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
    private int _filled;

    public PeerReader(NodeId peer, Socket socket, PeerTraffic traffic)
    {
        Peer = peer;
        _traffic = traffic;
        _socket = socket;
        _socket.Blocking = false;
    }

    public NodeId Peer { get; }

    /// <summary>What the kernel knows the socket by.</summary>
    public int Descriptor => (int)_socket.Handle;

    /// <summary>
    /// Reads once and hands over the payload of every whole frame, which is only good during the call; false when the
    /// connection closed or sent nonsense.
    /// </summary>
    public bool Receive(PeerFrameHandler handle)
    {
        int read = _socket.Receive(_buffer.AsSpan(_filled), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return true;
        }

        if (error != SocketError.Success || read == 0)
        {
            return false;
        }

        _traffic.Received(read);
        _filled += read;
        int at = 0;
        while (true)
        {
            int length = PeerFraming.TryRead(_buffer.AsSpan(at, _filled - at));
            if (length < 0)
            {
                return false;
            }

            if (length == 0)
            {
                KeepRest(at);
                return true;
            }

            handle(Peer, _buffer.AsMemory(at + PeerFraming.HeadBytes, length - PeerFraming.HeadBytes));
            at += length;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Moves the start of an unfinished frame to the front, into a larger buffer when it fills this one.</summary>
    private void KeepRest(int from)
    {
        Span<byte> rest = _buffer.AsSpan(from, _filled - from);
        _filled = rest.Length;
        if (rest.Length < _buffer.Length)
        {
            rest.CopyTo(_buffer);
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
        rest.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
