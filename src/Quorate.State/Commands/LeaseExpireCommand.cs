namespace Quorate.State;

/// <summary>Leases the leader believes to be over. Apply checks again: one whose deadline lies behind this entry's lease time stays.</summary>
/// <param name="Ids">The leases.</param>
public sealed record LeaseExpireCommand(IReadOnlyList<long> Ids) : Command;
