namespace Quorate.State;

/// <summary>Creates a lease.</summary>
/// <param name="Id">Its id; positive, chosen before it is proposed.</param>
/// <param name="TtlSeconds">Its time to live, already raised to the minimum.</param>
public sealed record LeaseGrantCommand(long Id, long TtlSeconds) : Command;
