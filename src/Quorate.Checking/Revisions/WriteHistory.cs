namespace Quorate.Checking;

/// <summary>One change of one key, as far as the operations of a history tell.</summary>
/// <param name="Key">The key.</param>
/// <param name="Current">What came to be; <see langword="null"/> for a deletion.</param>
/// <param name="Previous">What was there before, if anything.</param>
/// <param name="CountersKnown">Whether create revision and version of <paramref name="Current"/> are certain.</param>
/// <param name="PreviousKnown">Whether <paramref name="Previous"/> is certain.</param>
/// <param name="Certain">Whether it happened at all: a deletion of a key that may have been gone already is not certain.</param>
public sealed record RecordedChange(string Key, KeyVersion? Current, KeyVersion? Previous, bool CountersKnown, bool PreviousKnown, bool Certain);

/// <summary>The changes of one revision.</summary>
/// <param name="Changes">In order of its steps.</param>
/// <param name="Whole">Whether there were surely no others: a deletion may have found keys whose put nobody saw.</param>
public sealed record RecordedRevision(IReadOnlyList<RecordedChange> Changes, bool Whole);

/// <summary>What each revision changed, worked out from the operations of a history.</summary>
public sealed class WriteHistory
{
    private readonly List<RecordedRevision?> _revisions = [];

    internal WriteHistory(long initialRevision)
    {
        First = initialRevision + 1;
    }

    /// <summary>The first revision that is written in the history.</summary>
    public long First { get; }

    /// <summary>The last one that is known.</summary>
    public long Last => First + _revisions.Count - 1;

    /// <summary>The changes of a revision in [<see cref="First"/>, <see cref="Last"/>]; <see langword="null"/> when the history cannot tell.</summary>
    public RecordedRevision? At(long revision) => _revisions[(int)(revision - First)];

    internal void Add(RecordedRevision? revision) => _revisions.Add(revision);
}
