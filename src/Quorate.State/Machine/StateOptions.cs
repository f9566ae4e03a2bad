namespace Quorate.State;

/// <summary>How a <see cref="StateMachine"/> behaves. All replicas of a group must use equal options.</summary>
public sealed record StateOptions
{
    /// <summary>
    /// Compacted versions removed at the end of each entry, whatever it holds: two or three microseconds each, so that no
    /// entry stalls the loop. How far the sweep has come is part of the state hash, hence equal on all replicas.
    /// </summary>
    public int SweepPerEntry { get; init; } = 128;

    /// <summary>Compacted versions removed for each command of an entry, so that large batches do not make garbage faster than it goes.</summary>
    public int SweepPerCommand { get; init; } = 4;

    /// <summary>What bounds the table of client sessions.</summary>
    public SessionLimits Sessions { get; init; } = new();

    internal StatePlants Plants { get; init; }
}
