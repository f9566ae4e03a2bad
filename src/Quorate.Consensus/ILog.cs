namespace Quorate.Consensus;

/// <summary>
/// The read-only view of a node's log that a protocol works on. Effects are visible in it as soon as the call that caused
/// them returns, long before they are durable.
/// </summary>
public interface ILog
{
    /// <summary>
    /// Index of the oldest entry that <see cref="Read"/> can give; <see cref="Last"/> + 1 when there is none.
    /// What is older lives in the snapshot or on disk and reaches a peer by the pull stream only.
    /// </summary>
    ulong First { get; }

    /// <summary>Index of the newest entry; 0 for an empty log.</summary>
    ulong Last { get; }

    /// <summary>Everything up to here is known to be decided.</summary>
    ulong Decided { get; }

    /// <summary>
    /// The end that this node has to answer for: what it once held and may have acknowledged. Behind <see cref="Last"/> only while a part of
    /// the log is lost to a corrupt disk and has not been fetched again (DESIGN §5). Votes are given by it; nothing else is.
    /// </summary>
    LogEnd End => new(Last, BallotAt(Last));

    /// <summary>Whether the log holds all that the node has to answer for. While it does not, the node does not lead.</summary>
    bool IsWhole => End == new LogEnd(Last, BallotAt(Last));

    /// <summary>
    /// The ballot of the entry at <paramref name="index"/>, which lies in [<see cref="First"/> − 1, <see cref="Last"/>];
    /// <see cref="Ballot.Zero"/> at index 0.
    /// </summary>
    Ballot BallotAt(ulong index);

    /// <summary>
    /// Adds entries from <paramref name="from"/> (≥ <see cref="First"/>) on to <paramref name="into"/> until their payloads
    /// exceed <paramref name="maxBytes"/>; always at least one when <paramref name="from"/> ≤ <see cref="Last"/>.
    /// The bytes of the payloads are good until the caller returns to the driver.
    /// </summary>
    void Read(ulong from, int maxBytes, List<Entry> into);
}
