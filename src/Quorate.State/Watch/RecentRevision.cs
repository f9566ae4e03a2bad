namespace Quorate.State;

/// <summary>One revision as the hub holds it: its events in both shapes that watchers ask for, each made once and shared.</summary>
internal sealed class RecentRevision
{
    /// <summary>What an event is reckoned to take beside its bytes.</summary>
    private const int EventOverheadBytes = 64;

    private readonly IReadOnlyList<WatchEvent> _events;
    private WatchEvent?[]? _bare;

    public RecentRevision(RevisionEvents source)
    {
        Revision = source.Revision;
        _events = source.Events;
        for (int index = 0; index < _events.Count; index++)
        {
            Bytes += BytesOf(_events[index]);
        }
    }

    public long Revision { get; }

    public int Count => _events.Count;

    public long Bytes { get; }

    public ReadOnlyMemory<byte> KeyOf(int index) => _events[index].Current.Key;

    public int BytesOf(int index) => BytesOf(_events[index]);

    public bool IsDelete(int index) => _events[index].IsDelete;

    /// <summary>The event, with or without what was there before. Only the loop's thread may ask.</summary>
    public WatchEvent Event(int index, bool withPrevious)
    {
        WatchEvent whole = _events[index];
        if (withPrevious || whole.Previous is null)
        {
            return whole;
        }

        _bare ??= new WatchEvent?[_events.Count];
        return _bare[index] ??= new WatchEvent(whole.Current, whole.IsDelete, null);
    }

    public static int BytesOf(WatchEvent watchEvent) =>
        EventOverheadBytes + BytesOf(watchEvent.Current) + (watchEvent.Previous is { } previous ? BytesOf(previous) : 0);

    private static int BytesOf(KeyValue keyValue) => keyValue.Key.Length + keyValue.Value.Length;
}

/// <summary>One event of a revision.</summary>
internal readonly record struct EventReference(RecentRevision Source, int Index)
{
    public long Revision => Source.Revision;

    public ReadOnlyMemory<byte> Key => Source.KeyOf(Index);

    public bool IsDelete => Source.IsDelete(Index);

    public WatchEvent Event(bool withPrevious) => Source.Event(Index, withPrevious);
}
