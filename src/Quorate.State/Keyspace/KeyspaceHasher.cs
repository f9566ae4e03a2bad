using System.Buffers.Binary;
using Quorate.Codec;
using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// etcd's <c>HashKV</c>: CRC32C over the name of its bucket, then over every version in the order of revisions as etcd
/// stores it. What counts does not depend on how far the sweep has come.
/// </summary>
internal static class KeyspaceHasher
{
    private const int RevisionKeySize = 18;

    public static uint Hash(IMapReader map, long hashRevision, long compactRevision)
    {
        var versions = new List<Version>();
        var cursor = new VersionCursor(map, new KeyRange(new byte[] { 0 }, new byte[] { 0 }));
        while (cursor.MoveNextKey(hashRevision))
        {
            GatherKey(cursor, compactRevision, versions);
        }

        versions.Sort();
        uint crc = Crc32C.Of(Crc32C.Seed, "key"u8);
        byte[] buffer = [];
        foreach (Version version in versions)
        {
            crc = version.AppendTo(crc, ref buffer);
        }

        return ~crc;
    }

    /// <summary>
    /// Of the versions at or below the compact revision etcd counts only those that a read at the hash revision finds.
    /// </summary>
    private static void GatherKey(VersionCursor cursor, long compactRevision, List<Version> into)
    {
        if (cursor.Revision > compactRevision || !cursor.IsTombstone)
        {
            into.Add(new Version(cursor.Key, cursor.Record));
        }

        while (cursor.MoveOlder() && cursor.Revision > compactRevision)
        {
            into.Add(new Version(cursor.Key, cursor.Record));
        }
    }

    private readonly record struct Version(ReadOnlyMemory<byte> Key, VersionRecord Record) : IComparable<Version>
    {
        public int CompareTo(Version other)
        {
            int byRevision = Record.Mod.CompareTo(other.Record.Mod);
            return byRevision != 0 ? byRevision : Record.Order.CompareTo(other.Record.Order);
        }

        public uint AppendTo(uint crc, ref byte[] buffer)
        {
            int bound = RevisionKeySize + Key.Length + Record.Value.Length + (8 * (1 + Varint.MaxSize));
            buffer = buffer.Length < bound ? new byte[2 * bound] : buffer;
            BinaryPrimitives.WriteInt64BigEndian(buffer, Record.Mod);
            buffer[8] = (byte)'_';
            BinaryPrimitives.WriteInt64BigEndian(buffer.AsSpan(9), Record.Order);
            buffer[17] = (byte)'t';
            int position = RevisionKeySize - (Record.IsTombstone ? 0 : 1);
            position += WriteMessage(buffer.AsSpan(position));
            return Crc32C.Of(crc, buffer.AsSpan(0, position));
        }

        /// <summary>The version as the protobuf message <c>mvccpb.KeyValue</c>; of a tombstone only the key.</summary>
        private int WriteMessage(Span<byte> destination)
        {
            int position = WriteBytes(destination, 1, Key.Span);
            if (!Record.IsTombstone)
            {
                position += WriteNumber(destination[position..], 2, Record.Create);
                position += WriteNumber(destination[position..], 3, Record.Mod);
                position += WriteNumber(destination[position..], 4, Record.Version);
                position += WriteBytes(destination[position..], 5, Record.Value.Span);
                position += WriteNumber(destination[position..], 6, Record.Lease);
            }

            return position;
        }

        private static int WriteNumber(Span<byte> destination, int field, long value)
        {
            if (value == 0)
            {
                return 0;
            }

            destination[0] = (byte)(field << 3);
            return 1 + Varint.Write(destination[1..], (ulong)value);
        }

        private static int WriteBytes(Span<byte> destination, int field, ReadOnlySpan<byte> value)
        {
            if (value.IsEmpty)
            {
                return 0;
            }

            destination[0] = (byte)((field << 3) | 2);
            int position = 1 + Varint.Write(destination[1..], (ulong)value.Length);
            value.CopyTo(destination[position..]);
            return position + value.Length;
        }
    }
}
