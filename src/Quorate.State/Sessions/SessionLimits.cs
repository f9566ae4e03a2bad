namespace Quorate.State;

/// <summary>
/// What bounds the table of client sessions. A session that is forgotten refuses whatever still comes under it; nothing is
/// ever applied again because it was forgotten.
/// </summary>
public sealed record SessionLimits
{
    /// <summary>Most sessions at once, at least 1; one more, and the one whose last use is the longest ago is forgotten.</summary>
    public int MaxSessions { get; init; } = 10_000;

    /// <summary>How far a sequence number may lie above what its client has acknowledged: most answers a session keeps.</summary>
    public int Window { get; init; } = 1024;

    /// <summary>The largest answer that is kept, in bytes. Of a larger one only that it was given.</summary>
    public int MaxAnswerBytes { get; init; } = 32 << 10;

    /// <summary>Most bytes of all answers kept; more, and the sessions whose last use is the longest ago are forgotten.</summary>
    public long MaxBytes { get; init; } = 64 << 20;

    /// <summary>Lease time without use after which a session is forgotten.</summary>
    public TimeSpan MaxIdle { get; init; } = TimeSpan.FromHours(1);
}
