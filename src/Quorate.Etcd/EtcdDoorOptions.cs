namespace Quorate.Etcd;

/// <summary>Where the etcd door listens, and its bounds.</summary>
public sealed record EtcdDoorOptions
{
    /// <summary>URLs to listen at: <c>http://address:port</c>, port 0 for a free one.</summary>
    public required IReadOnlyList<Uri> ListenClientUrls { get; init; }

    /// <summary>The largest request that may become a command, in bytes; etcd's default.</summary>
    public int MaxRequestBytes { get; init; } = 3 * 512 * 1024;

    /// <summary>Most compares, and most operations of a branch, in a transaction; etcd's default.</summary>
    public int MaxTxnOperations { get; init; } = 128;

    /// <summary>Keep-alives of one stream that wait at once; more are read when these are answered.</summary>
    public int MaxKeepAlivesInFlight { get; init; } = 1024;

    /// <summary>Most watchers of one stream.</summary>
    public int MaxWatchersPerStream { get; init; } = 100_000;

    /// <summary>How long calls may take to end when the door closes.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
