namespace Quorate.State;

/// <summary>A read or a command was refused for a reason that belongs to the keyspace.</summary>
public sealed class StateException : Exception
{
    /// <summary>Refused for this reason.</summary>
    public StateException(StateError error)
        : this(error, Describe(error))
    {
    }

    /// <summary>Refused for this reason, with words for people.</summary>
    public StateException(StateError error, string message)
        : base(message)
    {
        Error = error;
    }

    /// <summary>Why.</summary>
    public StateError Error { get; }

    private static string Describe(StateError error) => error switch
    {
        StateError.KeyNotFound => "The key is not there.",
        StateError.LeaseNotFound => "The lease is not there.",
        StateError.LeaseExists => "A lease of this id is there already.",
        StateError.Compacted => "The revision has been compacted.",
        StateError.FutureRevision => "The revision is not there yet.",
        StateError.DuplicateKey => "Two writes of one branch touch the same key.",
        StateError.SessionExpired => "The session was forgotten or never opened.",
        StateError.SequenceAcknowledged => "The sequence number was acknowledged already.",
        StateError.SessionWindow => "The sequence number is too far above what was acknowledged.",
        StateError.SequenceReused => "Another kind of command has this sequence number.",
        StateError.AnswerNotKept => "The command was applied once; its answer was too large to be kept.",
        StateError.FeatureLevel => "The command needs a higher feature level.",
        _ => "The command is malformed.",
    };
}
