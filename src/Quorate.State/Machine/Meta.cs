using System.Buffers.Binary;
using Quorate.Storage;

namespace Quorate.State;

/// <summary>What the state knows beside its tables; one map entry, written with every published version, so that a snapshot of the map is whole.</summary>
/// <param name="AppliedIndex">Index of the last applied entry.</param>
/// <param name="Revision">The store's revision; 1 when nothing was ever written.</param>
/// <param name="CompactRevision">The oldest revision that can be read; 0 when nothing was compacted.</param>
/// <param name="LeaseTimeMs">The highest stamp seen.</param>
/// <param name="KeyCount">Live keys.</param>
/// <param name="Sum">The sum over all pairs but this one.</param>
internal readonly record struct Meta(ulong AppliedIndex, long Revision, long CompactRevision, long LeaseTimeMs, long KeyCount, UInt128 Sum)
{
    public const int Size = 1 + (5 * 8) + 16;

    private const byte Format = 1;

    public static Meta Blank => new(0, 1, 0, 0, 0, UInt128.Zero);

    /// <summary>
    /// The state hash: the sum over all pairs, and one more for what decides how commands apply. The applied index is not in
    /// it, since entries that change nothing do not count.
    /// </summary>
    public UInt128 StateHash
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Size];
            (this with { AppliedIndex = 0, Sum = UInt128.Zero }).Write(bytes);
            return Sum + PairHash.Of(Layout.MetaKey, bytes);
        }
    }

    public void Write(Span<byte> destination)
    {
        destination[0] = Format;
        BinaryPrimitives.WriteUInt64BigEndian(destination[1..], AppliedIndex);
        BinaryPrimitives.WriteInt64BigEndian(destination[9..], Revision);
        BinaryPrimitives.WriteInt64BigEndian(destination[17..], CompactRevision);
        BinaryPrimitives.WriteInt64BigEndian(destination[25..], LeaseTimeMs);
        BinaryPrimitives.WriteInt64BigEndian(destination[33..], KeyCount);
        BinaryPrimitives.WriteUInt128BigEndian(destination[41..], Sum);
    }

    /// <summary>Reads what a map says; blank for an empty one.</summary>
    /// <exception cref="StateException">The map is not one of this state machine, or of a later format.</exception>
    public static Meta Read(IMapReader map)
    {
        if (map.Count == 0)
        {
            return Blank;
        }

        if (!map.TryGet(Layout.MetaKey, out ReadOnlyMemory<byte> stored) || stored.Length != Size || stored.Span[0] != Format)
        {
            throw new StateException(StateError.Malformed, "The map holds no keyspace of a format this build knows.");
        }

        ReadOnlySpan<byte> bytes = stored.Span;
        return new Meta(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[9..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[17..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[25..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[33..]),
            BinaryPrimitives.ReadUInt128BigEndian(bytes[41..]));
    }
}
