namespace Quorate.State;

/// <summary>Keep-alives the leader has gathered: each deadline becomes the lease time of this entry plus the lease's time to live.</summary>
/// <param name="Ids">The leases; unknown ones are passed over.</param>
public sealed record LeaseRefreshCommand(IReadOnlyList<long> Ids) : Command;
