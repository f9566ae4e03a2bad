namespace Quorate.Etcd.Contract;

/// <summary>What Quorate adds to etcd's API (docs/sessions.md): the full name of a call, the metadata it gives a meaning to, and error texts.</summary>
public static class QuorateMethods
{
    /// <summary><c>Session.Open</c>.</summary>
    public const string SessionOpen = "/quoratepb.Session/Open";

    /// <summary>Metadata of a write: the session, as <see cref="SessionOpen"/> gave it.</summary>
    public const string SessionHeader = "quorate-session";

    /// <summary>Metadata of a write: its number in the session, from 1.</summary>
    public const string SequenceHeader = "quorate-sequence";

    /// <summary>Metadata of a write: the highest number that, like all below it, will not be sent again; 0 when left out.</summary>
    public const string AcknowledgedHeader = "quorate-acknowledged";

    /// <summary>The session was forgotten or never opened: what became of earlier attempts of the request is not known.</summary>
    public const string SessionExpiredText = "quorate: session expired";

    /// <summary>The request took effect, once; its answer was too large to be kept.</summary>
    public const string AnswerNotKeptText = "quorate: request took effect once, its answer was too large to be kept";
}
