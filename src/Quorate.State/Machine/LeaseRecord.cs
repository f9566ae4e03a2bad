using System.Buffers.Binary;
using Quorate.Storage;

namespace Quorate.State;

/// <summary>A lease as the map keeps it, and the reading of the two tables of leases.</summary>
/// <param name="TtlSeconds">Its time to live.</param>
/// <param name="DeadlineMs">The lease time from which on it may be expired.</param>
internal readonly record struct LeaseRecord(long TtlSeconds, long DeadlineMs)
{
    public const int Size = 16;

    private const long MsPerSecond = 1000;

    /// <summary>etcd's bound; it keeps deadlines far from overflowing.</summary>
    public const long MaxTtlSeconds = 9_000_000_000;

    public static LeaseRecord? Find(IMapReader map, long id)
    {
        Span<byte> key = stackalloc byte[Layout.NumberedPrefixSize];
        Layout.WriteNumbered(key, Layout.LeaseTable, id, []);
        return map.TryGet(key, out ReadOnlyMemory<byte> stored) ? Read(stored.Span) : null;
    }

    public static List<long> Ids(IMapReader map)
    {
        var ids = new List<long>();
        MapCursor cursor = map.Seek([Layout.LeaseTable]);
        while (cursor.MoveNext() && cursor.Key.Span[0] == Layout.LeaseTable)
        {
            ids.Add(Layout.NumberOf(cursor.Key.Span));
        }

        return ids;
    }

    public static List<ReadOnlyMemory<byte>> Keys(IMapReader map, long id)
    {
        var keys = new List<ReadOnlyMemory<byte>>();
        byte[] prefix = Layout.NumberedKey(Layout.AttachmentTable, id);
        MapCursor cursor = map.Seek(prefix);
        while (cursor.MoveNext() && cursor.Key.Span.StartsWith(prefix))
        {
            keys.Add(cursor.Key[Layout.NumberedPrefixSize..]);
        }

        return keys;
    }

    public static LeaseRecord Read(ReadOnlySpan<byte> stored) =>
        new(BinaryPrimitives.ReadInt64BigEndian(stored), BinaryPrimitives.ReadInt64BigEndian(stored[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, TtlSeconds);
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], DeadlineMs);
    }

    /// <summary>The same lease, renewed at a lease time.</summary>
    public LeaseRecord RenewedAt(long leaseTimeMs) => this with { DeadlineMs = leaseTimeMs + (TtlSeconds * MsPerSecond) };

    public LeaseInfo ToInfo(long id, long leaseTimeMs) =>
        new(id, TtlSeconds, DeadlineMs, Math.Max(0, DeadlineMs - leaseTimeMs) / MsPerSecond);
}
