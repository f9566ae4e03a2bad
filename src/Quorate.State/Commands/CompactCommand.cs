namespace Quorate.State;

/// <summary>Forgets every version that a later one at or below <paramref name="Revision"/> replaced, and tombstones below it.</summary>
/// <param name="Revision">The revision that stays readable as the oldest.</param>
public sealed record CompactCommand(long Revision) : Command;
