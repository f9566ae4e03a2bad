namespace Quorate.Client;

/// <summary>What the result of a range is sorted by.</summary>
public enum SortBy
{
    /// <summary>The key.</summary>
    Key = 0,

    /// <summary>How often it was changed.</summary>
    Version,

    /// <summary>When it came into being.</summary>
    CreateRevision,

    /// <summary>When it was last changed.</summary>
    ModRevision,

    /// <summary>The value.</summary>
    Value,
}

/// <summary>How a range is read.</summary>
public sealed record RangeOptions
{
    /// <summary>At most so many keys; 0 for all.</summary>
    public long Limit { get; init; }

    /// <summary>The state at this revision; 0 for the present one.</summary>
    public long Revision { get; init; }

    /// <summary>
    /// Answered from what the endpoint has, which may be old; faster, and works without a leader. Without it a read is linearizable.
    /// </summary>
    public bool IsSerializable { get; init; }

    /// <summary>Leaves the values out.</summary>
    public bool KeysOnly { get; init; }

    /// <summary>Only counts.</summary>
    public bool CountOnly { get; init; }

    /// <summary>What to sort by.</summary>
    public SortBy SortBy { get; init; }

    /// <summary>The largest first.</summary>
    public bool IsDescending { get; init; }
}
