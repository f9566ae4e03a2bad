using System.Text;
using Quorate.Client.Calls;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client;

/// <content>Locks.</content>
public sealed partial class QuorateClient
{
    /// <summary>How long a lock outlives a holder that died, when nothing is said.</summary>
    public static readonly TimeSpan DefaultLockTimeToLive = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Waits until the lock is ours. A lock of any lease-based service keeps nobody from acting late: give
    /// <see cref="LockHandle.FencingToken"/> to whatever the lock protects, and let it refuse smaller ones.
    /// </summary>
    /// <param name="name">The lock's name; <c>etcdctl lock</c> with the same name takes part.</param>
    /// <param name="timeToLive">How long it outlives a holder that died; 10 s unless said.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<LockHandle> LockAsync(string name, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        LeaseHandle lease = await HoldLeaseAsync(timeToLive ?? DefaultLockTimeToLive, cancellationToken).ConfigureAwait(false);
        try
        {
            ReadOnlyMemory<byte> key = await AcquireAsync(name, lease, cancellationToken).ConfigureAwait(false);

            // The lock's own key says which holder came first; it is gone if somebody deleted it or the lease ended meanwhile.
            KeyValue held = await GetAsync(key, null, cancellationToken).ConfigureAwait(false) is { } found && found.LeaseId == lease.Id
                ? found
                : throw new QuorateException(QuorateError.LeaseNotFound, RequestOutcome.NotApplied, $"the lock {name} was lost as soon as it was taken");
            return new LockHandle(this, name, lease, held);
        }
        catch
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asking again with the same lease is one request to the server, not two: it finds the lease's key there.</summary>
    private async Task<ReadOnlyMemory<byte>> AcquireAsync(string name, LeaseHandle lease, CancellationToken cancellationToken)
    {
        LockRequest request = new() { Name = Wire.Bytes(Encoding.UTF8.GetBytes(name)), Lease = lease.Id };
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        while (true)
        {
            Endpoint? endpoint = null;
            try
            {
                endpoint = await _pool.PickAsync(ending.Token).ConfigureAwait(false);
                LockResponse response = await endpoint.Channel.UnaryAsync(
                    EtcdMethods.Lock, request, LockResponse.Parser, cancellationToken: ending.Token).ConfigureAwait(false);
                endpoint.Succeeded();
                return response.Key.Memory;
            }
            catch (RpcException exception) when (Failures.IsTransient(exception))
            {
                _pool.Failed(endpoint!);
            }
            catch (RpcException exception)
            {
                throw Failures.Translate(exception, endpoint!, changesNothing: false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new QuorateException(QuorateError.LeaseNotFound, RequestOutcome.NotApplied, $"the lease of the lock {name} was lost while waiting for it");
            }
        }
    }
}
