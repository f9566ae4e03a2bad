namespace Quorate.State;

/// <summary>How a <see cref="StateMachine"/> behaves. All replicas of a group must use equal options.</summary>
public sealed record StateOptions
{
    /// <summary>
    /// Compacted versions removed at the end of each entry, whatever it holds: about a microsecond or two each, so that one
    /// entry never stalls the loop. Part of the state's history, hence equal on all replicas.
    /// </summary>
    public int SweepPerEntry { get; init; } = 256;

    /// <summary>Compacted versions removed for each command of an entry, so that large batches do not make garbage faster than it goes.</summary>
    public int SweepPerCommand { get; init; } = 4;

    internal StatePlants Plants { get; init; }
}
