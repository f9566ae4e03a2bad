namespace Quorate.Client;

/// <summary>What one operation of a transaction gave.</summary>
/// <param name="Revision">The store's revision when it was answered.</param>
public abstract record OperationResult(long Revision);

/// <summary>Keys that were read.</summary>
/// <param name="Revision">The store's revision when it was answered.</param>
/// <param name="KeyValues">What was found.</param>
/// <param name="Count">How many keys the range holds, beyond the limit too.</param>
/// <param name="HasMore">Whether the limit cut something off.</param>
public sealed record RangeResult(long Revision, IReadOnlyList<KeyValue> KeyValues, long Count, bool HasMore) : OperationResult(Revision);

/// <summary>A key was written.</summary>
/// <param name="Revision">The revision that wrote it.</param>
/// <param name="Previous">What stood there before, if asked for.</param>
public sealed record PutResult(long Revision, KeyValue? Previous) : OperationResult(Revision);

/// <summary>Keys were deleted.</summary>
/// <param name="Revision">The revision that deleted them; the present one when there were none.</param>
/// <param name="Deleted">How many.</param>
/// <param name="Previous">What stood there before, if asked for.</param>
public sealed record DeleteResult(long Revision, long Deleted, IReadOnlyList<KeyValue> Previous) : OperationResult(Revision);

/// <summary>A transaction was carried out.</summary>
/// <param name="Revision">The store's revision afterwards.</param>
/// <param name="Succeeded">Whether every comparison held, so that the first branch was taken.</param>
/// <param name="Results">What the operations of the branch that was taken gave, in their order.</param>
public sealed record TxnResult(long Revision, bool Succeeded, IReadOnlyList<OperationResult> Results) : OperationResult(Revision);
