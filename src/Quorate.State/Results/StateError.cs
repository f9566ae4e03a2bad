namespace Quorate.State;

/// <summary>
/// Why a command or a read was refused. Nothing of a refused command takes effect. The numbers are in the answers that are kept
/// for sessions: they are never reused.
/// </summary>
public enum StateError
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary><c>ignore_value</c> or <c>ignore_lease</c> on a key that is not there.</summary>
    KeyNotFound = 1,

    /// <summary>The lease is not there.</summary>
    LeaseNotFound = 2,

    /// <summary>A lease of this id is there already.</summary>
    LeaseExists = 3,

    /// <summary>The revision has been compacted.</summary>
    Compacted = 4,

    /// <summary>The revision is not there yet.</summary>
    FutureRevision = 5,

    /// <summary>Two writes of one branch touch the same key.</summary>
    DuplicateKey = 6,

    /// <summary>The command is of a kind or shape this build does not know.</summary>
    Malformed = 7,

    /// <summary>The session was forgotten or never opened. Whether the command was applied under it before is not known any more.</summary>
    SessionExpired = 8,

    /// <summary>The sequence number is one that its client acknowledged, so that nothing under it is taken any more.</summary>
    SequenceAcknowledged = 9,

    /// <summary>The sequence number is too far above what its client has acknowledged (<see cref="SessionLimits.Window"/>).</summary>
    SessionWindow = 10,

    /// <summary>Another kind of command was applied under this sequence number.</summary>
    SequenceReused = 11,

    /// <summary>The command was applied before, once; its answer was too large to be kept (<see cref="SessionLimits.MaxAnswerBytes"/>).</summary>
    AnswerNotKept = 12,

    /// <summary>The command belongs to a feature level above that of the configuration in force (<see cref="State.FeatureLevel"/>).</summary>
    FeatureLevel = 13,
}
