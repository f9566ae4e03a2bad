namespace Quorate.Consensus;

/// <summary>The knobs of <see cref="Raft"/>.</summary>
public sealed record RaftOptions
{
    /// <summary>How often a leader speaks to its followers when nothing else makes it. Well below <see cref="ElectionTimeout"/>.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// E: a follower that hears no leader campaigns after a time drawn anew for each election from [E, 2E); a leader that
    /// hears no quorum for E steps down.
    /// </summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>How soon a follower for whom nobody waits is told again of nothing but a new decided index.</summary>
    public TimeSpan TellInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Append messages that may be on their way to one follower unanswered.</summary>
    public int MaxInflightMessages { get; init; } = 256;

    /// <summary>Payload bytes that may be on their way to one follower unanswered; one message may exceed it.</summary>
    public long MaxInflightBytes { get; init; } = 16 << 20;

    /// <summary>Payload bytes in one append message; a single larger entry still travels.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Bytes (payloads and <see cref="EntryOverheadBytes"/> each) a leader lets stand undecided, or decided but not yet on its
    /// own disk, before it refuses proposals; a single larger entry still passes when nothing else stands.
    /// </summary>
    public long MaxUndecidedBytes { get; init; } = 64 << 20;

    /// <summary>Barriers that may wait at one time; more are lost at once.</summary>
    public int MaxPendingBarriers { get; init; } = 1 << 16;

    /// <summary>What an entry weighs besides its payload, so that empty commands are bounded too.</summary>
    internal const int EntryOverheadBytes = 32;

    /// <summary>Bugs to switch on, so that the simulator can prove that it finds them. None in production.</summary>
    internal RaftPlants Plants { get; init; }
}
