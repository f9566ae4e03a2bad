namespace Quorate.State;

/// <summary>A read inside a transaction; never a command of its own.</summary>
/// <param name="Query">What to read; it sees the writes before it in the same transaction.</param>
public sealed record RangeCommand(RangeQuery Query) : Command;
