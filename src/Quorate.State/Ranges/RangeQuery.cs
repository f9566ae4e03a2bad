namespace Quorate.State;

/// <summary>A read of a range, with the options of etcd's <c>RangeRequest</c>; consistency is chosen by whoever picks the version it runs on.</summary>
/// <param name="Range">Which keys.</param>
public sealed record RangeQuery(KeyRange Range)
{
    /// <summary>Most keys to return; 0 for all.</summary>
    public long Limit { get; init; }

    /// <summary>The revision to read at; 0 or less for the newest.</summary>
    public long Revision { get; init; }

    /// <summary>Direction of the order.</summary>
    public SortOrder SortOrder { get; init; }

    /// <summary>What it is ordered by.</summary>
    public SortTarget SortTarget { get; init; }

    /// <summary>Leave the values out.</summary>
    public bool KeysOnly { get; init; }

    /// <summary>Return the count alone.</summary>
    public bool CountOnly { get; init; }

    /// <summary>Drop keys with a lower mod revision; 0 for no bound.</summary>
    public long MinModRevision { get; init; }

    /// <summary>Drop keys with a higher mod revision; 0 for no bound.</summary>
    public long MaxModRevision { get; init; }

    /// <summary>Drop keys with a lower create revision; 0 for no bound.</summary>
    public long MinCreateRevision { get; init; }

    /// <summary>Drop keys with a higher create revision; 0 for no bound.</summary>
    public long MaxCreateRevision { get; init; }
}
