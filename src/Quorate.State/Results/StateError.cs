namespace Quorate.State;

/// <summary>Why a command or a read was refused. Nothing of a refused command takes effect.</summary>
public enum StateError
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary><c>ignore_value</c> or <c>ignore_lease</c> on a key that is not there.</summary>
    KeyNotFound,

    /// <summary>The lease is not there.</summary>
    LeaseNotFound,

    /// <summary>A lease of this id is there already.</summary>
    LeaseExists,

    /// <summary>The revision has been compacted.</summary>
    Compacted,

    /// <summary>The revision is not there yet.</summary>
    FutureRevision,

    /// <summary>Two writes of one branch touch the same key.</summary>
    DuplicateKey,

    /// <summary>The command is of a kind or shape this build does not know.</summary>
    Malformed,
}
