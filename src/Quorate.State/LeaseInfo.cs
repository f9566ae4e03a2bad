namespace Quorate.State;

/// <summary>A lease as of one version of the state.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TtlSeconds">The time to live it was granted, in seconds.</param>
/// <param name="DeadlineMs">The lease time, in milliseconds, from which on it may be expired.</param>
/// <param name="RemainingSeconds">Whole seconds left at the lease time of the version, rounded down as etcd does; never below 0.</param>
public sealed record LeaseInfo(long Id, long TtlSeconds, long DeadlineMs, long RemainingSeconds);
