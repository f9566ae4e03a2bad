using System.Diagnostics;

namespace Quorate.State;

/// <summary>
/// The newest published revisions, without a gap, bounded by number and bytes. A watcher that is behind holds only a
/// revision number into it, so that a slow one costs nothing.
/// </summary>
internal sealed class RecentHistory(int maxRevisions, long maxBytes, long lastRevision)
{
    private RecentRevision?[] _slots = new RecentRevision?[16];

    /// <summary>The oldest revision held; <see cref="Last"/> + 1 when none is.</summary>
    public long First { get; private set; } = lastRevision + 1;

    /// <summary>The newest published revision.</summary>
    public long Last { get; private set; } = lastRevision;

    public long Bytes { get; private set; }

    public void Add(RecentRevision revision)
    {
        Assert(revision.Revision == Last + 1);
        if (Last + 1 - First == _slots.Length)
        {
            Grow();
        }

        Last = revision.Revision;
        _slots[SlotOf(Last)] = revision;
        Bytes += revision.Bytes;
        while (First <= Last && (Last + 1 - First > maxRevisions || Bytes > maxBytes))
        {
            DropFirst();
        }
    }

    /// <summary>Forgets everything: the next revision added is the one after <paramref name="revision"/>.</summary>
    public void Reset(long revision)
    {
        while (First <= Last)
        {
            DropFirst();
        }

        Last = revision;
        First = revision + 1;
    }

    /// <summary>
    /// Adds the events of a range from <paramref name="from"/> on, whole revisions, until about so many events were looked at
    /// or so many bytes found.
    /// </summary>
    /// <returns>The revision to go on from.</returns>
    public long Collect(KeyRange range, long from, int maxEvents, int maxFoundBytes, List<EventReference> into, out int looked)
    {
        Assert(from >= First);
        looked = 0;
        long found = 0;
        long revision = from;
        for (; revision <= Last && looked < maxEvents && found < maxFoundBytes; revision++)
        {
            RecentRevision source = _slots[SlotOf(revision)]!;
            looked += source.Count;
            found += Match(range, source, into);
        }

        return revision;
    }

    /// <summary>Adds the events of one revision that lie in the range.</summary>
    /// <returns>Their bytes.</returns>
    public static long Match(KeyRange range, RecentRevision source, List<EventReference> into)
    {
        long found = 0;
        for (int index = 0; index < source.Count; index++)
        {
            if (range.Contains(source.KeyOf(index).Span))
            {
                into.Add(new EventReference(source, index));
                found += source.BytesOf(index);
            }
        }

        return found;
    }

    private void DropFirst()
    {
        int slot = SlotOf(First);
        Bytes -= _slots[slot]!.Bytes;
        _slots[slot] = null;
        First++;
    }

    private void Grow()
    {
        var larger = new RecentRevision?[_slots.Length * 2];
        for (long revision = First; revision <= Last; revision++)
        {
            larger[(int)(revision & (larger.Length - 1))] = _slots[SlotOf(revision)];
        }

        _slots = larger;
    }

    private int SlotOf(long revision) => (int)(revision & (_slots.Length - 1));

    private static void Assert(bool holds)
    {
        if (!holds)
        {
            throw new UnreachableException("The recent revisions have a gap.");
        }
    }
}
