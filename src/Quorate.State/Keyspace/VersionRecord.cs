using Quorate.Codec;

namespace Quorate.State;

/// <summary>
/// One version of a key as the map keeps it: a byte of flags, then the numbers that the flags announce, then the value. What
/// is nearly always the same takes no room: a key written once has one byte here in front of its value.
/// </summary>
/// <remarks>
/// <code>
/// flags: 1 tombstone  2 first of its generation  4 hangs on a lease  8 not the first operation of its revision
/// then   [mod − create, version unless 1 or 2]  [lease if 4]  [order in its revision if 8]  value      all LEB128
/// </code>
/// </remarks>
internal readonly struct VersionRecord
{
    /// <summary>Most bytes in front of the value.</summary>
    public const int MaxHeaderSize = 1 + (4 * Varint.MaxSize);

    private const byte TombstoneFlag = 1;
    private const byte FirstFlag = 2;
    private const byte LeaseFlag = 4;
    private const byte OrderFlag = 8;

    private VersionRecord(long mod, long create, long version, long lease, int order, ReadOnlyMemory<byte> value, bool isTombstone)
    {
        Mod = mod;
        Create = create;
        Version = version;
        Lease = lease;
        Order = order;
        Value = value;
        IsTombstone = isTombstone;
    }

    public long Mod { get; }

    public long Create { get; }

    public long Version { get; }

    public long Lease { get; }

    /// <summary>Its place among the operations of its revision, from 0.</summary>
    public int Order { get; }

    public ReadOnlyMemory<byte> Value { get; }

    public bool IsTombstone { get; }

    /// <summary>Whether a stored version is a tombstone, without decoding it.</summary>
    public static bool IsStoredTombstone(ReadOnlySpan<byte> stored) => (stored[0] & TombstoneFlag) != 0;

    /// <summary>Decodes a version; its value is a slice of <paramref name="stored"/>.</summary>
    public static VersionRecord Decode(ReadOnlySpan<byte> versionKey, ReadOnlyMemory<byte> stored)
    {
        long mod = Layout.RevisionOf(versionKey);
        ReadOnlySpan<byte> span = stored.Span;
        byte flags = span[0];
        int position = 1;
        bool isTombstone = (flags & TombstoneFlag) != 0;
        long create = isTombstone ? 0 : mod;
        long version = isTombstone ? 0 : 1;
        if ((flags & (TombstoneFlag | FirstFlag)) == 0)
        {
            create = mod - Number(span, ref position);
            version = Number(span, ref position);
        }

        long lease = (flags & LeaseFlag) != 0 ? Number(span, ref position) : 0;
        int order = (flags & OrderFlag) != 0 ? (int)Number(span, ref position) : 0;
        return new VersionRecord(mod, create, version, lease, order, stored[position..], isTombstone);
    }

    /// <summary>Writes everything in front of the value of a live version.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteHeader(Span<byte> destination, long mod, long create, long version, long lease, int order)
    {
        bool isFirst = version == 1;
        destination[0] = (byte)((isFirst ? FirstFlag : 0) | (lease != 0 ? LeaseFlag : 0) | (order != 0 ? OrderFlag : 0));
        int position = 1;
        if (!isFirst)
        {
            position += Varint.Write(destination[position..], (ulong)(mod - create));
            position += Varint.Write(destination[position..], (ulong)version);
        }

        position += lease != 0 ? Varint.Write(destination[position..], (ulong)lease) : 0;
        position += order != 0 ? Varint.Write(destination[position..], (ulong)order) : 0;
        return position;
    }

    /// <summary>Writes a tombstone.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteTombstone(Span<byte> destination, int order)
    {
        destination[0] = (byte)(TombstoneFlag | (order != 0 ? OrderFlag : 0));
        return 1 + (order != 0 ? Varint.Write(destination[1..], (ulong)order) : 0);
    }

    public KeyValue ToKeyValue(ReadOnlyMemory<byte> key) => new(key, Value, Create, Mod, Version, Lease);

    private static long Number(ReadOnlySpan<byte> span, ref int position)
    {
        int read = Varint.Read(span[position..], out ulong value);
        Check.That(read > 0);
        position += read;
        return (long)value;
    }
}
