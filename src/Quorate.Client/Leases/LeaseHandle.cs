using Quorate.Client.Calls;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client;

/// <summary>
/// A lease that is kept alive in the background. <see cref="Lost"/> is cancelled before anybody else can hold what hangs on it: time is
/// counted from when a renewal was sent, which is before the server counted. Dispose it to revoke the lease.
/// </summary>
public sealed class LeaseHandle : IAsyncDisposable
{
    /// <summary>Renewals per time to live: two may fail before the third one is the last chance.</summary>
    private const int RenewalsPerTimeToLive = 3;

    private static readonly TimeSpan RevokeTimeout = TimeSpan.FromSeconds(3);

    private readonly QuorateClient _client;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Timer _watchdog;
    private readonly Task _renewing;
    private long _aliveUntilMs;
    private int _disposed;

    internal LeaseHandle(QuorateClient client, long id, TimeSpan timeToLive, long askedAtMs)
    {
        _client = client;
        Id = id;
        TimeToLive = timeToLive;
        Lost = _lost.Token;
        _aliveUntilMs = askedAtMs + (long)timeToLive.TotalMilliseconds;
        _watchdog = new Timer(_ => CheckTime());
        ArmWatchdog();
        _renewing = Task.Run(RenewAsync);
    }

    /// <summary>The lease's id.</summary>
    public long Id { get; }

    /// <summary>What the server granted.</summary>
    public TimeSpan TimeToLive { get; }

    /// <summary>Cancelled when the lease has ended or may have: whoever relies on it must stop.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Stops renewing and revokes the lease; when no server can be reached it ends by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        await _watchdog.DisposeAsync().ConfigureAwait(false);
        if (!_lost.IsCancellationRequested)
        {
            await RevokeAsync().ConfigureAwait(false);
            await _lost.CancelAsync().ConfigureAwait(false);
        }

        _closing.Dispose();
    }

    internal void Lose() => _lost.Cancel();

    private async Task RevokeAsync()
    {
        using CancellationTokenSource limited = new(RevokeTimeout);
        try
        {
            await _client.RevokeLeaseAsync(Id, limited.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is QuorateException or OperationCanceledException)
        {
            // It ends by itself then.
        }
    }

    private async Task RenewAsync()
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, Lost);
        try
        {
            while (true)
            {
                await Task.Delay(TimeToLive / RenewalsPerTimeToLive, ending.Token).ConfigureAwait(false);
                await StreamRenewalsAsync(ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The handle is disposed or the lease is lost.
        }
        catch (QuorateException)
        {
            Lose();
        }
    }

    /// <summary>Renews over one stream for as long as it works; over the next endpoint's at once when it does not.</summary>
    private async Task StreamRenewalsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Endpoint endpoint = await _client.Pool.PickAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                using CancellationTokenSource attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await using DuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call = QuorateClient.OpenKeepAlive(endpoint.Channel, deadline: null, attempt.Token);
                while (true)
                {
                    // A server that does not answer must leave time to ask another one.
                    attempt.CancelAfter(TimeToLive / RenewalsPerTimeToLive);
                    await RenewOnceAsync(call, attempt.Token).ConfigureAwait(false);
                    endpoint.Succeeded();
                    attempt.CancelAfter(Timeout.InfiniteTimeSpan);
                    await Task.Delay(TimeToLive / RenewalsPerTimeToLive, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (RpcException exception) when (Failures.IsTransient(exception))
            {
                _client.Pool.Failed(endpoint);
            }
            catch (RpcException exception)
            {
                throw Failures.Translate(exception, endpoint, changesNothing: true);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                _client.Pool.Failed(endpoint);
            }
        }
    }

    private async Task RenewOnceAsync(DuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call, CancellationToken cancellationToken)
    {
        long sentAtMs = Environment.TickCount64;
        await call.WriteAsync(new LeaseKeepAliveRequest { ID = Id }, cancellationToken).ConfigureAwait(false);
        LeaseKeepAliveResponse response = await call.ReadAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new RpcException(StatusCode.Unavailable, "the server ended the renewals");
        if (response.TTL <= 0)
        {
            throw new QuorateException(QuorateError.LeaseNotFound, RequestOutcome.NotApplied, $"the lease {Id:x} is gone");
        }

        Interlocked.Exchange(ref _aliveUntilMs, sentAtMs + (response.TTL * 1000));
        ArmWatchdog();
    }

    private void ArmWatchdog()
    {
        long leftMs = Math.Max(0, Interlocked.Read(ref _aliveUntilMs) - Environment.TickCount64);
        try
        {
            _watchdog.Change(leftMs, Timeout.Infinite);
        }
        catch (ObjectDisposedException)
        {
            // The handle was disposed while a renewal came back.
        }
    }

    private void CheckTime()
    {
        if (Interlocked.Read(ref _aliveUntilMs) <= Environment.TickCount64)
        {
            Lose();
        }
        else
        {
            ArmWatchdog();
        }
    }
}
