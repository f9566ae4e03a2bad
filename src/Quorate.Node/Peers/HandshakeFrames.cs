namespace Quorate.Node;

/// <summary>The frames of the handshake.</summary>
internal static class HandshakeFrames
{
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

    private static byte[] WithRoomForPayload(byte[] head)
    {
        int length = BitConverter.ToInt32(head);
        return length is > 0 and <= MaxHelloBytes
            ? [.. head, .. new byte[length]]
            : throw new IOException("The other side does not speak Quorate's peer protocol.");
    }

    private static byte[] Payload(byte[] frame) =>
        PeerFraming.TryRead(frame) == frame.Length ? frame[PeerFraming.HeadBytes..] : throw new IOException("A frame of the handshake is damaged.");
}
