using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Quorate.Grpc.Framing;

/// <summary>
/// A message on the wire: a byte that says whether it is compressed, its length in four bytes, most significant first, and
/// itself (gRPC over HTTP/2, "Length-Prefixed-Message").
/// </summary>
internal static class Frames
{
    public const int PrefixBytes = 5;

    /// <summary>Writes a message with its prefix.</summary>
    /// <returns>How many bytes that took.</returns>
    public static int Write(IBufferWriter<byte> writer, IMessage message) => Write(writer, message, message.CalculateSize());

    /// <summary>Writes a message whose size is known with its prefix.</summary>
    /// <returns>How many bytes that took.</returns>
    public static int Write(IBufferWriter<byte> writer, IMessage message, int size)
    {
        if (size <= 2048)
        {
            // One piece for both spares the second look-up of memory and the slow paths of writing across pieces.
            Span<byte> whole = writer.GetSpan(PrefixBytes + size);
            WritePrefix(whole, size);
            message.WriteTo(whole.Slice(PrefixBytes, size));
            writer.Advance(PrefixBytes + size);
            return PrefixBytes + size;
        }

        WritePrefix(writer.GetSpan(PrefixBytes), size);
        writer.Advance(PrefixBytes);
        message.WriteTo(writer);
        return PrefixBytes + size;
    }

    public static void WritePrefix(Span<byte> into, int size)
    {
        into[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(into[1..], size);
    }
}
