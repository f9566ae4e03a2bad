namespace Quorate.Replica;

/// <summary>Why a replica does not serve a request.</summary>
public enum RequestError
{
    /// <summary>Too much is waiting already.</summary>
    TooManyRequests = 1,

    /// <summary>The command is larger than an entry may be.</summary>
    TooLarge,

    /// <summary>No leader came to be known in time.</summary>
    NoLeader,

    /// <summary>It took too long.</summary>
    Timeout,

    /// <summary>An installed snapshot jumped over the place where it would have been applied.</summary>
    JumpedOver,

    /// <summary>There is no space, on disk or in the quota.</summary>
    NoSpace,

    /// <summary>This node's state is not to be trusted.</summary>
    Corrupt,
}
