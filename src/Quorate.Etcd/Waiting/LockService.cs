using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary><c>v3lockpb.Lock</c>. A lock is held as long as its key lives, and the key as long as its lease.</summary>
internal sealed class LockService(DoorGroup group, LeaseService leases, Turn turn)
{
    /// <summary>The lease of those who bring none; nobody keeps it alive.</summary>
    public const long DefaultTtlSeconds = 60;

    public void AddTo(GrpcServiceMap map) => map
        .Describe(() => LockReflection.Descriptor)
        .Unary<LockRequest, LockResponse>(EtcdMethods.Lock, LockRequest.Parser, LockAsync, longWait: true)
        .Unary<UnlockRequest, UnlockResponse>(EtcdMethods.Unlock, UnlockRequest.Parser, UnlockAsync);

    private async ValueTask<LockResponse> LockAsync(LockRequest request, ServerCall call)
    {
        group.RequireLeader(call);
        long lease = request.Lease != 0
            ? request.Lease
            : (await leases.GrantAsync(0, DefaultTtlSeconds, call.CancellationToken).ConfigureAwait(false)).Id;
        byte[] prefix = Turn.Prefix(request.Name.Span);
        byte[] key = Turn.Key(request.Name.Span, lease);
        (long createRevision, _) = await turn.EnterAsync(key, default, lease, call.CancellationToken).ConfigureAwait(false);
        StateVersion version = await turn.WaitAsync(prefix, key, createRevision, call.CancellationToken).ConfigureAwait(false)
            ?? throw EtcdErrors.Unmapped("mutex: session is expired");
        return new LockResponse { Header = group.Header(version.Revision), Key = Bytes.Wrap(key) };
    }

    private async ValueTask<UnlockResponse> UnlockAsync(UnlockRequest request, ServerCall call)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdErrors.EmptyKey();
        }

        CommandResult result = await group.ProposeAsync(new DeleteRangeCommand(new KeyRange(request.Key.Memory, default)), call).ConfigureAwait(false);
        return new UnlockResponse { Header = group.Header(result.Revision) };
    }
}
