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

    /// <summary>A call that was sent to one endpoint and ended like this.</summary>
    public static QuorateException Translate(RpcException exception, Endpoint endpoint, bool changesNothing) =>
        Translate(exception, endpoint, changesNothing || IsSurelyNotApplied(exception) ? RequestOutcome.NotApplied : RequestOutcome.Unknown, tried: "");

    /// <summary>
    /// The server's verdict on the request itself comes in its own words. Of everything else the text says where it happened, what was
    /// tried, and whether the request may have taken effect.
    /// </summary>
    public static QuorateException Translate(RpcException exception, Endpoint endpoint, RequestOutcome outcome, string tried)
    {
        QuorateError error = ErrorOf(exception);
        if (error == QuorateError.AnswerLost)
        {
            outcome = RequestOutcome.Applied;
        }

        if (error == QuorateError.Compacted)
        {
            return new CompactedException(0, exception.Message);
        }

        string what = exception is { StatusCode: StatusCode.DeadlineExceeded } ? "no answer in time" : exception.Message;
        string message = exception.IsAnswer && !IsTransient(exception) && outcome != RequestOutcome.Unknown
            ? what
            : $"{endpoint.Name}: {what}{tried}{(outcome == RequestOutcome.Unknown ? "; whether it took effect is unknown" : "")}";
        return new QuorateException(error, outcome, message, exception)
        {
            Endpoint = endpoint.Channel.Endpoint,
            ServerMessage = exception.IsAnswer ? exception.Message : null,
        };
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
    public static bool IsAnswerOfState(RpcException exception) =>
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
