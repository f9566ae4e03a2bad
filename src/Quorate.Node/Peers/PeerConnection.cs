using System.Buffers;
using System.Net.Sockets;

namespace Quorate.Node;

/// <summary>Reading and writing single frames during the handshake, and streams of them afterwards.</summary>
internal static class PeerConnection
{
    private const int ReadBytes = 128 << 10;

    /// <summary>Bytes a stranger may make us hold before it is known.</summary>
    private const int MaxHelloBytes = 64 << 10;

    public static async Task SendFrameAsync(Socket socket, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var frame = new byte[PeerFraming.HeadBytes + payload.Length];
        PeerFraming.WriteHead(frame, payload.Span);
        payload.CopyTo(frame.AsMemory(PeerFraming.HeadBytes));
        await SendAllAsync(socket, frame, cancellationToken).ConfigureAwait(false);
    }

    public static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            bytes = bytes[sent..];
        }
    }

    /// <summary>Reads one frame and nothing behind it.</summary>
    /// <exception cref="IOException">The connection closed or the bytes are nonsense.</exception>
    public static async Task<byte[]> ReadFrameAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] head = await ReadExactlyAsync(socket, PeerFraming.HeadBytes, cancellationToken).ConfigureAwait(false);
        int length = BitConverter.ToInt32(head);
        if (length is <= 0 or > MaxHelloBytes)
        {
            throw new IOException("The other side does not speak Quorate's peer protocol.");
        }

        byte[] payload = await ReadExactlyAsync(socket, length, cancellationToken).ConfigureAwait(false);
        byte[] frame = [.. head, .. payload];
        return PeerFraming.TryRead(frame) == frame.Length ? payload : throw new IOException("A frame of the handshake is damaged.");
    }

    public static async Task<byte[]> ReadExactlyAsync(Socket socket, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        for (int filled = 0; filled < count;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(filled), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            filled += read > 0 ? read : throw new IOException("The other side closed the connection.");
        }

        return bytes;
    }

    /// <summary>
    /// Reads frames until the connection closes or sends nonsense, on the calling thread. Whole frames are handed over as they
    /// come, many in one buffer; the buffer then belongs to <paramref name="take"/>.
    /// </summary>
    public static void ReadFrames(Socket socket, Action<byte[], int> take)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        int filled = 0;
        while (true)
        {
            int read = Receive(socket, buffer.AsSpan(filled));
            if (read == 0)
            {
                break;
            }

            filled += read;
            int whole = WholeFrames(buffer.AsSpan(0, filled));
            if (whole < 0)
            {
                break;
            }

            if (whole > 0)
            {
                byte[] next = ArrayPool<byte>.Shared.Rent(ReadBytes);
                if (next.Length < filled - whole)
                {
                    ArrayPool<byte>.Shared.Return(next);
                    next = ArrayPool<byte>.Shared.Rent(2 * (filled - whole));
                }

                buffer.AsSpan(whole, filled - whole).CopyTo(next);
                take(buffer, whole);
                buffer = next;
                filled -= whole;
            }
            else if (filled == buffer.Length)
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
                buffer.AsSpan(0, filled).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>What comes next; 0 when the connection is over, whoever closed it.</summary>
    private static int Receive(Socket socket, Span<byte> into)
    {
        try
        {
            int read = socket.Receive(into, SocketFlags.None, out SocketError error);
            return error == SocketError.Success ? read : 0;
        }
        catch (ObjectDisposedException)
        {
            // Closed here: the node is stopping, or the peer has connected anew.
            return 0;
        }
    }

    /// <summary>The length of all complete frames at the start; −1 when one is nonsense.</summary>
    private static int WholeFrames(ReadOnlySpan<byte> bytes)
    {
        int whole = 0;
        while (true)
        {
            int length = PeerFraming.TryRead(bytes[whole..]);
            if (length < 0)
            {
                return -1;
            }

            if (length == 0)
            {
                return whole;
            }

            whole += length;
        }
    }
}
