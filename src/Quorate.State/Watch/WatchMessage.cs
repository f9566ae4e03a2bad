namespace Quorate.State;

/// <summary>One thing a watch stream tells its client; the order of messages on a stream is the order they are pushed in.</summary>
/// <param name="WatchId">The watcher; −1 for the progress of the whole stream.</param>
public abstract record WatchMessage(long WatchId);

/// <summary>The watcher exists. Always its first message.</summary>
/// <param name="WatchId">The watcher.</param>
/// <param name="Revision">The store's revision when it was created.</param>
public sealed record WatchCreated(long WatchId, long Revision) : WatchMessage(WatchId);

/// <summary>Changes a watcher sees: whole revisions, ascending, never split over two messages and never repeated.</summary>
/// <param name="WatchId">The watcher.</param>
/// <param name="Revision">The store's revision when this was gathered, at or above that of every event.</param>
/// <param name="Events">The changes, filtered.</param>
public sealed record WatchEvents(long WatchId, long Revision, IReadOnlyList<WatchEvent> Events) : WatchMessage(WatchId);

/// <summary>Everything up to <paramref name="Revision"/> that the watcher (or with id −1 every watcher of the stream) sees has been delivered.</summary>
/// <param name="WatchId">The watcher or −1.</param>
/// <param name="Revision">The revision.</param>
public sealed record WatchProgress(long WatchId, long Revision) : WatchMessage(WatchId);

/// <summary>The watcher is over.</summary>
/// <param name="WatchId">The watcher.</param>
/// <param name="Revision">The store's revision.</param>
/// <param name="CompactRevision">Not 0 when what it should have seen next was compacted: the oldest revision that can still be watched from.</param>
public sealed record WatchCanceled(long WatchId, long Revision, long CompactRevision) : WatchMessage(WatchId);
