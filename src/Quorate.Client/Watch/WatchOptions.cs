namespace Quorate.Client;

/// <summary>What a watch sees.</summary>
public sealed record WatchOptions
{
    /// <summary>The first revision to see; 0 for everything from now on.</summary>
    public long StartRevision { get; init; }

    /// <summary>Asks for what stood there before each change.</summary>
    public bool ReturnPrevious { get; init; }

    /// <summary>Leaves writes out.</summary>
    public bool IgnorePuts { get; init; }

    /// <summary>Leaves deletions out.</summary>
    public bool IgnoreDeletes { get; init; }

    /// <summary>
    /// Hands out batches without events too: the first once the watch stands, further ones when the server says how far it is. All events up
    /// to <see cref="WatchBatch.Revision"/> have been seen then.
    /// </summary>
    public bool IncludeProgress { get; init; }
}
