using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>
/// The errors of etcd: clients match the texts letter by letter and decide by the code whether to repeat
/// (etcd, <c>api/v3rpc/rpctypes/error.go</c>).
/// </summary>
internal static class EtcdErrors
{
    public const string CompactedText = "mvcc: required revision has been compacted";
    public const string NoLeaderText = "etcdserver: no leader";
    public const string StoppedText = "etcdserver: server stopped";

    public static RpcException EmptyKey() => Invalid("key is not provided");

    public static RpcException KeyNotFound() => Invalid("key not found");

    public static RpcException ValueProvided() => Invalid("value is provided");

    public static RpcException LeaseProvided() => Invalid("lease is provided");

    public static RpcException TooManyOperations() => Invalid("too many operations in txn request");

    public static RpcException DuplicateKey() => Invalid("duplicate key given in txn request");

    public static RpcException InvalidSortOption() => Invalid("invalid sort option");

    public static RpcException RequestTooLarge() => Invalid("request is too large");

    public static RpcException LeaseTtlTooLarge() => new(StatusCode.OutOfRange, "etcdserver: too large lease TTL");

    public static RpcException NoLeader() => new(StatusCode.Unavailable, NoLeaderText);

    public static RpcException Stopped() => new(StatusCode.Unavailable, StoppedText);

    public static RpcException CorruptCluster() => new(StatusCode.DataLoss, "etcdserver: corrupt cluster");

    /// <summary>What etcd throws without a status of its own.</summary>
    public static RpcException Unmapped(string text) => new(StatusCode.Unknown, text);

    public static RpcException BadSession(string header) =>
        new(StatusCode.InvalidArgument, $"quorate: metadata {header} cannot be understood");

    /// <summary>What a later release brings.</summary>
    public static RpcException NotYet(string what) =>
        new(StatusCode.Unimplemented, $"quorate: {what} is not supported yet; a later release brings it");

    public static RpcException From(StateError error) => error switch
    {
        StateError.KeyNotFound => KeyNotFound(),
        StateError.LeaseNotFound => new RpcException(StatusCode.NotFound, "etcdserver: requested lease not found"),
        StateError.LeaseExists => new RpcException(StatusCode.FailedPrecondition, "etcdserver: lease already exists"),
        StateError.Compacted => new RpcException(StatusCode.OutOfRange, "etcdserver: " + CompactedText),
        StateError.FutureRevision => new RpcException(StatusCode.OutOfRange, "etcdserver: mvcc: required revision is a future revision"),
        StateError.DuplicateKey => DuplicateKey(),
        StateError.SessionExpired => new RpcException(StatusCode.FailedPrecondition, QuorateMethods.SessionExpiredText),
        StateError.SequenceAcknowledged => new RpcException(StatusCode.FailedPrecondition, "quorate: sequence number was acknowledged already"),
        StateError.SessionWindow => new RpcException(StatusCode.ResourceExhausted, "quorate: sequence number is too far above what was acknowledged"),
        StateError.SequenceReused => new RpcException(StatusCode.InvalidArgument, "quorate: sequence number was used for another kind of request"),
        StateError.AnswerNotKept => new RpcException(StatusCode.AlreadyExists, QuorateMethods.AnswerNotKeptText),
        StateError.FeatureLevel => new RpcException(
            StatusCode.Unimplemented, $"quorate: sessions need feature level {FeatureLevel.Sessions}, which this cluster has not reached"),
        _ => Invalid("malformed request"),
    };

    public static RpcException From(GroupException exception) => exception.Error switch
    {
        GroupError.NoLeader => NoLeader(),
        GroupError.Timeout => new RpcException(StatusCode.Unavailable, "etcdserver: request timed out", exception),
        GroupError.TimeoutLeaderFailed =>
            new RpcException(StatusCode.Unavailable, "etcdserver: request timed out, possibly due to previous leader failure", exception),
        GroupError.LeaderChanged => new RpcException(StatusCode.Unavailable, "etcdserver: leader changed", exception),
        GroupError.TooManyRequests => new RpcException(StatusCode.ResourceExhausted, "etcdserver: too many requests", exception),
        GroupError.RequestTooLarge => RequestTooLarge(),
        GroupError.NoSpace => new RpcException(StatusCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded", exception),
        GroupError.Stopped => Stopped(),
        GroupError.NotLeader => new RpcException(StatusCode.FailedPrecondition, "etcdserver: not leader", exception),
        GroupError.BadTransferTarget => new RpcException(StatusCode.FailedPrecondition, "etcdserver: bad leader transferee", exception),
        GroupError.Corrupt => CorruptCluster(),
        _ => new RpcException(StatusCode.Unknown, exception.Message, exception),
    };

    private static RpcException Invalid(string text) => new(StatusCode.InvalidArgument, "etcdserver: " + text);
}
