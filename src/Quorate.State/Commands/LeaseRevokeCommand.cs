namespace Quorate.State;

/// <summary>Ends a lease and deletes its keys, sorted, in one revision.</summary>
/// <param name="Id">The lease.</param>
public sealed record LeaseRevokeCommand(long Id) : Command;
