namespace Quorate.State;

/// <summary>A put as it lies in the bytes of an entry: what <see cref="PutCommand"/> says, without an object for it.</summary>
internal readonly ref struct PutFields(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long lease, PutFlags flags)
{
    public ReadOnlySpan<byte> Key { get; } = key;

    public ReadOnlySpan<byte> Value { get; } = value;

    public long Lease { get; } = lease;

    public bool ReturnPrevious => (flags & PutFlags.ReturnPrevious) != 0;

    public bool IgnoreValue => (flags & PutFlags.IgnoreValue) != 0;

    public bool IgnoreLease => (flags & PutFlags.IgnoreLease) != 0;

    public static PutFields Of(PutCommand put) => new(put.Key.Span, put.Value.Span, put.Lease, FlagsOf(put));

    public static PutFlags FlagsOf(PutCommand put) =>
        (put.Lease != 0 ? PutFlags.Lease : 0)
        | (put.ReturnPrevious ? PutFlags.ReturnPrevious : 0)
        | (put.IgnoreValue ? PutFlags.IgnoreValue : 0)
        | (put.IgnoreLease ? PutFlags.IgnoreLease : 0);
}
