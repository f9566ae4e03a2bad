namespace Quorate.Consensus;

/// <summary>What an entry asks of those who apply it.</summary>
public enum EntryKind : byte
{
    /// <summary>A payload for the state machine.</summary>
    Command = 1,

    /// <summary>Nothing; a leader opens its ballot with it.</summary>
    NoOp = 2,

    /// <summary>The last entry of a configuration, carrying the next one whole.</summary>
    StopSign = 3,
}

/// <summary>
/// One place in the log. (index, ballot) names one payload and one prefix for ever; the ballot is the one it was first
/// proposed under and never changes (DESIGN §3, rule 1).
/// </summary>
/// <param name="Index">Its place; the first entry of a log is 1.</param>
/// <param name="Ballot">The ballot it was first proposed under.</param>
/// <param name="Kind">What it asks.</param>
/// <param name="Payload">The bytes, which never change as long as a log holds the entry. Empty for a no-op.</param>
public sealed record Entry(ulong Index, Ballot Ballot, EntryKind Kind, ReadOnlyMemory<byte> Payload);
