namespace Quorate.Grpc;

/// <summary>The outcome of a call; the numbers are those of the gRPC specification.</summary>
public enum StatusCode
{
    /// <summary>It succeeded.</summary>
    OK = 0,

    /// <summary>The caller gave up.</summary>
    Canceled = 1,

    /// <summary>An error that carries no better code.</summary>
    Unknown = 2,

    /// <summary>The request makes no sense, whatever the state of the system.</summary>
    InvalidArgument = 3,

    /// <summary>It took longer than the caller allowed.</summary>
    DeadlineExceeded = 4,

    /// <summary>Something asked for is not there.</summary>
    NotFound = 5,

    /// <summary>Something to be created is there already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller may not.</summary>
    PermissionDenied = 7,

    /// <summary>A limit or a quota is reached.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state the call needs.</summary>
    FailedPrecondition = 9,

    /// <summary>A conflict with another call.</summary>
    Aborted = 10,

    /// <summary>Outside the valid range, in the present state.</summary>
    OutOfRange = 11,

    /// <summary>There is no such method.</summary>
    Unimplemented = 12,

    /// <summary>An invariant of the protocol or the program is broken.</summary>
    Internal = 13,

    /// <summary>Not now; later perhaps.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or corrupt.</summary>
    DataLoss = 15,

    /// <summary>Nobody knows who the caller is.</summary>
    Unauthenticated = 16,
}
