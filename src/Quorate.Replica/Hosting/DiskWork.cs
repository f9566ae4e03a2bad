namespace Quorate.Replica;

/// <summary>
/// Work on the disk that is too long for a turn of the loop: saving, reading, receiving and loading snapshots. Deterministic; a
/// driver runs its steps on a thread of its own, or at virtual times, and never two pieces of work at once.
/// </summary>
public abstract class DiskWork
{
    /// <summary>Does the next bounded step.</summary>
    /// <returns>Whether there is another.</returns>
    public abstract bool Step();

    /// <summary>The work will not be carried on: lets go of its files.</summary>
    public virtual void Abandon()
    {
    }

    /// <summary>What went wrong; <see langword="null"/> if nothing did. Set by the driver when a step throws.</summary>
    public Exception? Failure { get; set; }
}
