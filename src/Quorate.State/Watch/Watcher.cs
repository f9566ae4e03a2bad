namespace Quorate.State;

/// <summary>
/// One watcher of one stream. Synced, it has been told of everything published and is fed by each batch; otherwise it stands in
/// exactly one queue (its stream's, or the one for history) or in a running job, and <see cref="Position"/> is all it holds.
/// </summary>
internal sealed class Watcher
{
    public Watcher(WatchStream stream, long id, WatchRequest request, WatchedRange range)
    {
        Stream = stream;
        Id = id;
        Request = request;
        Range = range;
        Node = new LinkedListNode<Watcher>(this);
    }

    public WatchStream Stream { get; }

    public long Id { get; }

    public WatchRequest Request { get; }

    public WatchedRange Range { get; }

    /// <summary>Its place in whichever queue it stands in.</summary>
    public LinkedListNode<Watcher> Node { get; }

    /// <summary>No revision below this one is ever delivered.</summary>
    public long MinRevision { get; init; }

    /// <summary>The next revision it needs; means nothing while it is synced.</summary>
    public long Position { get; set; }

    public bool IsSynced { get; set; }

    public bool IsClosed { get; set; }

    /// <summary>Whether events went out since its progress was last considered.</summary>
    public bool IsActive { get; set; }

    /// <summary>The order of delivery: by stream, then by id.</summary>
    public static int Compare(Watcher left, Watcher right)
    {
        int byStream = left.Stream.Id.CompareTo(right.Stream.Id);
        return byStream != 0 ? byStream : left.Id.CompareTo(right.Id);
    }
}
