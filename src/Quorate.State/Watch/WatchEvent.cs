namespace Quorate.State;

/// <summary>One change of one key, shared by every watcher that sees it.</summary>
/// <param name="Current">The version that came to be; for a deletion only key and mod revision are set.</param>
/// <param name="IsDelete">Whether the key went.</param>
/// <param name="Previous">The version before, if there was one.</param>
public sealed record WatchEvent(KeyValue Current, bool IsDelete, KeyValue? Previous)
{
    /// <summary>A place for a door to keep its encoding, so that a thousand watchers cost one. Written at most a few times, always with equal content.</summary>
    public object? Encoded { get; set; }
}

/// <summary>All changes of one revision, in the order of its operations.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Events">Its changes; never empty.</param>
public sealed record RevisionEvents(long Revision, IReadOnlyList<WatchEvent> Events);
