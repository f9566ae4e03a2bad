namespace Quorate.Client;

/// <summary>What happened to a key.</summary>
public enum WatchEventKind
{
    /// <summary>It was written.</summary>
    Put = 0,

    /// <summary>It was deleted.</summary>
    Delete = 1,
}

/// <summary>A change of one key.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="KeyValue">The key as it stands after that; only key and revision when it was deleted.</param>
/// <param name="Previous">As it stood before, if asked for and not compacted away.</param>
public sealed record WatchEvent(WatchEventKind Kind, KeyValue KeyValue, KeyValue? Previous);

/// <summary>Changes in the order of their revisions; those of one revision are never in two batches.</summary>
/// <param name="Revision">Everything up to here has been seen.</param>
/// <param name="Events">The changes; empty for progress only.</param>
public sealed record WatchBatch(long Revision, IReadOnlyList<WatchEvent> Events);
