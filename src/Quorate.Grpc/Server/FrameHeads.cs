using System.Buffers.Binary;

namespace Quorate.Grpc.Server;

/// <summary>
/// Finds the heads of HTTP/2's frames in bytes that come in any pieces (RFC 9113 §4.1: length in three bytes, type, flags, stream in four).
/// Payloads are passed over unseen.
/// </summary>
/// <param name="prefaceBytes">Bytes before the first frame.</param>
internal sealed class FrameHeads(int prefaceBytes)
{
    public const byte Headers = 1;
    public const byte EndStream = 1;
    public const byte Data = 0;
    public const byte Reset = 3;
    private const int HeadBytes = 9;

    private readonly byte[] _head = new byte[HeadBytes];
    private int _gathered;
    private long _toSkip = prefaceBytes;

    /// <summary>Goes through the next bytes and tells of each head that is complete with them.</summary>
    public void Read(ReadOnlySpan<byte> bytes, Action<FrameHead> found)
    {
        while (!bytes.IsEmpty)
        {
            if (_toSkip > 0)
            {
                int skipped = (int)Math.Min(_toSkip, bytes.Length);
                _toSkip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            int taken = Math.Min(HeadBytes - _gathered, bytes.Length);
            bytes[..taken].CopyTo(_head.AsSpan(_gathered));
            _gathered += taken;
            bytes = bytes[taken..];
            if (_gathered == HeadBytes)
            {
                _gathered = 0;
                _toSkip = BinaryPrimitives.ReadUInt32BigEndian(_head) >> 8;
                found(new FrameHead(_head[3], _head[4], BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(5)) & int.MaxValue));
            }
        }
    }
}

/// <summary>What a frame is.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Stream">The stream it belongs to; 0 for the connection.</param>
internal readonly record struct FrameHead(byte Type, byte Flags, int Stream)
{
    /// <summary>Whether whoever sent it will send nothing more on its stream.</summary>
    public bool Ends => Type == FrameHeads.Reset || (Type is FrameHeads.Data or FrameHeads.Headers && (Flags & FrameHeads.EndStream) != 0);
}
