using Quorate.Consensus;
using Quorate.Replica;

namespace Quorate.Simulation;

/// <summary>One entry as an oracle keeps it: <paramref name="Chain"/> is a hash of it and of everything before it.</summary>
internal readonly record struct ShadowEntry(Entry Entry, ulong Chain);

/// <summary>One record as an oracle keeps it.</summary>
internal readonly record struct ShadowChange(RecordKind Kind, ulong Index, ShadowEntry Entry, bool Keeps = false);

/// <summary>One batch of records, with the ballots its caption names.</summary>
internal sealed record ShadowBatch(List<ShadowChange> Changes, Ballots Ballots, long LastPosition);

/// <summary>A node's log as its records tell it; one exists for what is written, and one for what is durable.</summary>
internal sealed class ShadowLog(CanonicalLog canonical)
{
    private readonly List<ShadowEntry> _entries = [];

    public ulong Last => (ulong)_entries.Count;

    public Ballots Ballots { get; private set; }

    public LogEnd End => new(Last, BallotAt(Last));

    public ulong ChainAt(ulong index) => index == 0 ? 0 : _entries[(int)index - 1].Chain;

    public Ballot BallotAt(ulong index) => index == 0 ? Ballot.Zero : _entries[(int)index - 1].Entry.Ballot;

    public ShadowEntry At(ulong index) => _entries[(int)index - 1];

    /// <summary>Whether it holds this entry and everything before it.</summary>
    public bool Holds(ulong index, ulong chain) => index <= Last && ChainAt(index) == chain;

    /// <summary>The same entry with the hash it has behind the end of this log.</summary>
    public ShadowEntry Next(Entry entry) => Next(entry, Last);

    /// <summary>The same entry with the hash it has behind the entry at <paramref name="index"/> of this log.</summary>
    public ShadowEntry Next(Entry entry, ulong index)
    {
        ulong chain = Mix.Of(ChainAt(index), entry.Index);
        chain = Mix.Of(chain, entry.Ballot.Round ^ ((ulong)entry.Ballot.Configuration << 48));
        chain = Mix.Of(Mix.Of(chain, entry.Ballot.Node.Value), (ulong)entry.Kind);
        return new ShadowEntry(entry, Mix.Of(chain, entry.Payload.Span));
    }

    public void Apply(in ShadowChange change)
    {
        if (change.Kind == RecordKind.Entry)
        {
            ViolationException.Require(change.Index == Last + 1, "R3", $"the entry at {change.Index} does not continue a log that ends at {Last}");
            _entries.Add(change.Entry);
        }
        else if (change.Kind == RecordKind.Truncate)
        {
            _entries.RemoveRange((int)change.Index - 1, _entries.Count - (int)change.Index + 1);
        }
        else if (change.Kind == RecordKind.Rebase && !change.Keeps)
        {
            RebaseOn(change.Index);
        }
    }

    /// <summary>A snapshot took the place of everything: what it stands in for is the log that everybody agrees on.</summary>
    public void RebaseOn(ulong index)
    {
        _entries.Clear();
        for (ulong at = 1; at <= index; at++)
        {
            _entries.Add(canonical.At(at));
        }
    }

    public void Apply(ShadowBatch batch)
    {
        foreach (ShadowChange change in batch.Changes)
        {
            Apply(change);
        }

        Ballots = batch.Ballots;
    }

    public void Become(ShadowLog other)
    {
        _entries.Clear();
        _entries.AddRange(other._entries);
        Ballots = other.Ballots;
    }

    public void SetBallots(Ballots ballots) => Ballots = ballots;
}
