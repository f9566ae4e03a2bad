using System.Buffers.Binary;

namespace Quorate.State;

/// <summary>A session as the map keeps it, beside the answers under it.</summary>
/// <param name="UsedMs">The lease time of its last use.</param>
/// <param name="Acknowledged">No number up to this one is taken any more.</param>
internal readonly record struct SessionRecord(long UsedMs, long Acknowledged)
{
    public const int Size = 16;

    public static SessionRecord Read(ReadOnlySpan<byte> stored) =>
        new(BinaryPrimitives.ReadInt64BigEndian(stored), BinaryPrimitives.ReadInt64BigEndian(stored[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, UsedMs);
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], Acknowledged);
    }
}
