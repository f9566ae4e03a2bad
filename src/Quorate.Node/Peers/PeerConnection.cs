using System.Buffers;
using System.Net.Sockets;

namespace Quorate.Node;

/// <summary>Single frames during the handshake, and streams of them afterwards.</summary>
internal static class PeerConnection
{
    private const int ReadBytes = 128 << 10;

    /// <summary>Bytes a stranger may make us hold before it is known.</summary>
    private const int MaxHelloBytes = 64 << 10;

    /// <summary>A payload with its head.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[PeerFraming.HeadBytes + payload.Length];
        PeerFraming.WriteHead(frame, payload);
        payload.CopyTo(frame.AsSpan(PeerFraming.HeadBytes));
        return frame;
    }

    /// <summary>Reads one frame of the handshake and nothing behind it.</summary>
    /// <exception cref="IOException">The connection closed or the bytes are nonsense.</exception>
    public static byte[] ReadFrame(Stream stream)
    {
        var head = new byte[PeerFraming.HeadBytes];
        stream.ReadExactly(head);
        byte[] frame = WithRoomForPayload(head);
        stream.ReadExactly(frame.AsSpan(PeerFraming.HeadBytes));
        return Payload(frame);
    }

    /// <inheritdoc cref="ReadFrame"/>
    public static async Task<byte[]> ReadFrameAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[PeerFraming.HeadBytes];
        await stream.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
        byte[] frame = WithRoomForPayload(head);
        await stream.ReadExactlyAsync(frame.AsMemory(PeerFraming.HeadBytes), cancellationToken).ConfigureAwait(false);
        return Payload(frame);
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
            int read = socket.Receive(buffer.AsSpan(filled), SocketFlags.None, out SocketError error);
            if (error != SocketError.Success || read == 0)
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

    private static byte[] WithRoomForPayload(byte[] head)
    {
        int length = BitConverter.ToInt32(head);
        return length is > 0 and <= MaxHelloBytes
            ? [.. head, .. new byte[length]]
            : throw new IOException("The other side does not speak Quorate's peer protocol.");
    }

    private static byte[] Payload(byte[] frame) =>
        PeerFraming.TryRead(frame) == frame.Length ? frame[PeerFraming.HeadBytes..] : throw new IOException("A frame of the handshake is damaged.");

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
