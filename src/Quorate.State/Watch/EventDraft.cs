namespace Quorate.State;

/// <summary>The events of a message to be: whole revisions, filtered, cut where the message is full.</summary>
/// <param name="Events">The events; never changed after it is made.</param>
/// <param name="Bytes">What they count for.</param>
/// <param name="First">The revision of the first of them.</param>
/// <param name="Next">The first revision that had no room; 0 when everything had.</param>
internal sealed record EventDraft(List<WatchEvent> Events, int Bytes, long First, long Next)
{
    public static readonly EventDraft Nothing = new([], 0, 0, 0);

    public bool IsEmpty => Events.Count == 0;

    /// <summary>Gathers what a request wants of events that lie in its range and come in order of revision.</summary>
    public static EventDraft From(List<EventReference> references, WatchRequest request, long minRevision, int maxBytes)
    {
        List<WatchEvent>? events = null;
        long bytes = 0;
        long first = 0;
        long last = 0;
        long next = 0;
        foreach (EventReference reference in references)
        {
            long revision = reference.Revision;
            if (revision < minRevision || (reference.IsDelete ? request.NoDelete : request.NoPut))
            {
                continue;
            }

            if (bytes >= maxBytes && revision != last)
            {
                next = revision;
                break;
            }

            WatchEvent wanted = reference.Event(request.WithPrevious);
            events ??= [];
            first = events.Count == 0 ? revision : first;
            last = revision;
            events.Add(wanted);
            bytes += RecentRevision.BytesOf(wanted);
        }

        return events is null ? Nothing : new EventDraft(events, checked((int)bytes), first, next);
    }
}
