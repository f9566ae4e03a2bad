namespace Quorate.State;

/// <summary>Nothing to tell but the revision: compaction, revocation, refresh.</summary>
/// <param name="Revision">The store's revision after it.</param>
public sealed record EmptyResult(long Revision) : CommandResult(Revision);

/// <summary>The command was refused and changed nothing.</summary>
/// <param name="Revision">The store's revision.</param>
/// <param name="Error">Why.</param>
public sealed record ErrorResult(long Revision, StateError Error) : CommandResult(Revision);

/// <summary>Of a put.</summary>
/// <param name="Revision">The store's revision after it.</param>
/// <param name="Previous">What it replaced, if that was asked for and there was something.</param>
public sealed record PutResult(long Revision, KeyValue? Previous) : CommandResult(Revision);

/// <summary>Of a delete range.</summary>
/// <param name="Revision">The store's revision after it.</param>
/// <param name="Deleted">How many keys went.</param>
/// <param name="Previous">What they were, if that was asked for; else empty.</param>
public sealed record DeleteRangeResult(long Revision, long Deleted, IReadOnlyList<KeyValue> Previous) : CommandResult(Revision);

/// <summary>Of a range.</summary>
/// <param name="Revision">The store's current revision, not the one read at.</param>
/// <param name="KeyValues">What was found, sorted, filtered, limited.</param>
/// <param name="More">Whether the limit cut something off.</param>
/// <param name="Count">Keys in the range before limit and revision filters.</param>
public sealed record RangeResult(long Revision, IReadOnlyList<KeyValue> KeyValues, bool More, long Count) : CommandResult(Revision);

/// <summary>Of a transaction.</summary>
/// <param name="Revision">The store's revision after it.</param>
/// <param name="Succeeded">Whether the compares held.</param>
/// <param name="Responses">One per operation of the branch that ran.</param>
public sealed record TxnResult(long Revision, bool Succeeded, IReadOnlyList<CommandResult> Responses) : CommandResult(Revision);

/// <summary>Of a lease grant.</summary>
/// <param name="Revision">The store's revision.</param>
/// <param name="Id">The lease.</param>
/// <param name="TtlSeconds">The time to live it got.</param>
public sealed record LeaseGrantResult(long Revision, long Id, long TtlSeconds) : CommandResult(Revision);
