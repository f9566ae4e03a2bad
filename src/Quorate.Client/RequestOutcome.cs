namespace Quorate.Client;

/// <summary>Whether a request that failed may have changed something.</summary>
public enum RequestOutcome
{
    /// <summary>It did not and never will: it may be sent again.</summary>
    NotApplied = 1,

    /// <summary>It may have taken effect, or may yet; sending it again may do it twice.</summary>
    Unknown = 2,

    /// <summary>It took effect, once; only its answer cannot be had any more.</summary>
    Applied = 3,
}

/// <summary>Why a request failed.</summary>
public enum QuorateError
{
    /// <summary>For a reason without a name of its own; see the message.</summary>
    Other = 0,

    /// <summary>No endpoint could be reached.</summary>
    Unreachable,

    /// <summary>The cluster has no leader.</summary>
    NoLeader,

    /// <summary>It took longer than allowed.</summary>
    Timeout,

    /// <summary>The connection broke or the server was stopping.</summary>
    Unavailable,

    /// <summary>The server has too much to do.</summary>
    TooManyRequests,

    /// <summary>The revision asked for has been compacted away.</summary>
    Compacted,

    /// <summary>The revision asked for has not come yet.</summary>
    FutureRevision,

    /// <summary>There is no such lease: it expired or was revoked.</summary>
    LeaseNotFound,

    /// <summary>There is a lease of that id already.</summary>
    LeaseExists,

    /// <summary>The data has reached its quota, or the disk is full.</summary>
    NoSpace,

    /// <summary>The request makes no sense to the server.</summary>
    InvalidRequest,

    /// <summary>The caller may not.</summary>
    PermissionDenied,

    /// <summary>The server has no such method.</summary>
    Unimplemented,

    /// <summary>The server's data is corrupt.</summary>
    Corrupt,

    /// <summary>The cluster forgot the session of a write while it was in doubt whether the write took effect.</summary>
    SessionExpired,

    /// <summary>The write took effect, but its answer was too large to be kept for a second attempt.</summary>
    AnswerLost,
}
