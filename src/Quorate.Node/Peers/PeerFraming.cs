using System.Buffers.Binary;
using Quorate.Codec;

namespace Quorate.Node;

/// <summary>
/// How bytes travel between two nodes. A connection opens with the eight bytes <c>QRPEER1\n</c> from whoever dialled; then, in
/// both directions, frames: length of the payload (4 bytes, little-endian), CRC32C of the payload (4 bytes), the payload.
/// The first frame of the dialler is its hello. The answer is one frame: 1 and the hello of the other side, or 2 and a text
/// that says why the dialler is not welcome. After that only the dialler sends.
/// </summary>
internal static class PeerFraming
{
    public const int HeadBytes = 8;

    /// <summary>No frame is longer: a log entry, its batch and what surrounds them.</summary>
    public const int MaxFrameBytes = 16 << 20;

    public const byte Welcome = 1;

    public const byte Refused = 2;

    public static ReadOnlySpan<byte> Preface => "QRPEER1\n"u8;

    public static void WriteHead(Span<byte> head, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Checksum(payload));
    }

    /// <summary>Finds the frame at the start of <paramref name="bytes"/>.</summary>
    /// <returns>Its whole length with the head; 0 when it is not complete yet; −1 when it is nonsense.</returns>
    public static int TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadBytes)
        {
            return 0;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is <= 0 or > MaxFrameBytes)
        {
            return -1;
        }

        if (bytes.Length < HeadBytes + length)
        {
            return 0;
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        return checksum == Checksum(bytes.Slice(HeadBytes, length)) ? HeadBytes + length : -1;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes) => ~Crc32C.Of(Crc32C.Seed, bytes);
}
