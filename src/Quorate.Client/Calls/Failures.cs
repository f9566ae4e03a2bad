using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client.Calls;

/// <summary>Reads a failed call: why it failed, and whether it may have taken effect. The texts are etcd's (docs of its rpctypes).</summary>
internal static class Failures
{
    private const string TooManyRequests = "etcdserver: too many requests";
    private const string NoLeader = "etcdserver: no leader";
    private const string Compacted = "etcdserver: mvcc: required revision has been compacted";
    private const string Future = "etcdserver: mvcc: required revision is a future revision";
    private const string KeyNotFound = "etcdserver: key not found";
    private const string ProposalDropped = "raft proposal dropped";

    /// <summary>What the caller is told.</summary>
    /// <param name="exception">How the last attempt failed.</param>
    /// <param name="changesNothing">Whether the request is a read.</param>
    /// <param name="isInDoubt">Whether an attempt before may have taken effect: then only what the state itself answers settles it.</param>
    public static QuorateException Translate(RpcException exception, bool changesNothing, bool isInDoubt = false)
    {
        QuorateError error = ErrorOf(exception);
        if (error == QuorateError.AnswerLost)
        {
            return new QuorateException(error, RequestOutcome.Applied, exception.Message, exception);
        }

        if (error == QuorateError.Compacted)
        {
            return new CompactedException(0, exception.Message);
        }

        bool isSettled = changesNothing || (isInDoubt ? IsAnswer(exception) : IsSurelyNotApplied(exception));
        RequestOutcome outcome = isSettled ? RequestOutcome.NotApplied : RequestOutcome.Unknown;
        return new QuorateException(error, outcome, exception.Message, exception);
    }

    /// <summary>Whether a write may be sent again without a chance of doing it twice.</summary>
    public static bool IsSurelyNotApplied(RpcException exception) => exception.NeverSent || exception.StatusCode switch
    {
        StatusCode.Unavailable => exception.Message == NoLeader,
        StatusCode.Unknown => exception.Message is TooManyRequests or ProposalDropped,
        StatusCode.Canceled or StatusCode.DeadlineExceeded or StatusCode.Internal or StatusCode.DataLoss or StatusCode.Aborted => false,
        _ => true,
    };

    /// <summary>Whether the state itself refused the request: under a session that is what every attempt is answered.</summary>
    private static bool IsAnswer(RpcException exception) =>
        ErrorOf(exception) is QuorateError.LeaseNotFound or QuorateError.LeaseExists or QuorateError.FutureRevision
        || exception.Message == KeyNotFound;

    /// <summary>Whether the same request may succeed at another endpoint, or here a little later.</summary>
    public static bool IsTransient(RpcException exception) =>
        ErrorOf(exception) is QuorateError.Unreachable or QuorateError.NoLeader or QuorateError.Timeout
            or QuorateError.Unavailable or QuorateError.TooManyRequests;

    public static QuorateError ErrorOf(RpcException exception)
    {
        if (exception.NeverSent)
        {
            return QuorateError.Unreachable;
        }

        return exception.Message switch
        {
            NoLeader or ProposalDropped => QuorateError.NoLeader,
            TooManyRequests => QuorateError.TooManyRequests,
            Compacted => QuorateError.Compacted,
            Future => QuorateError.FutureRevision,
            QuorateMethods.SessionExpiredText => QuorateError.SessionExpired,
            QuorateMethods.AnswerNotKeptText => QuorateError.AnswerLost,
            "etcdserver: requested lease not found" => QuorateError.LeaseNotFound,
            "etcdserver: lease already exists" => QuorateError.LeaseExists,
            "etcdserver: mvcc: database space exceeded" => QuorateError.NoSpace,
            _ => FromCode(exception),
        };
    }

    private static QuorateError FromCode(RpcException exception) => exception.StatusCode switch
    {
        StatusCode.Unavailable when exception.Message.StartsWith("etcdserver: request timed out", StringComparison.Ordinal) => QuorateError.Timeout,
        StatusCode.Unavailable or StatusCode.Internal => QuorateError.Unavailable,
        StatusCode.DeadlineExceeded => QuorateError.Timeout,
        StatusCode.InvalidArgument or StatusCode.OutOfRange or StatusCode.FailedPrecondition or StatusCode.NotFound => QuorateError.InvalidRequest,
        StatusCode.PermissionDenied or StatusCode.Unauthenticated => QuorateError.PermissionDenied,
        StatusCode.Unimplemented => QuorateError.Unimplemented,
        StatusCode.DataLoss => QuorateError.Corrupt,
        _ => QuorateError.Other,
    };
}
