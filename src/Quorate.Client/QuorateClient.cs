using Quorate.Client.Calls;
using Quorate.Etcd.Contract;

namespace Quorate.Client;

/// <summary>
/// A client of Quorate, and of every server that speaks etcd's v3 API. Knows only the wire. Safe for use from any thread; one per
/// program is enough. Reads are repeated at another endpoint after a passing failure, and so is what changes something, under a session
/// (<see cref="QuorateClientOptions.UseSessions"/>); without one only when it surely was not applied
/// (<see cref="QuorateException.Outcome"/> says so when it fails in the end). Every call throws
/// <see cref="QuorateException"/> when it fails and <see cref="OperationCanceledException"/> when its token is cancelled.
/// </summary>
public sealed partial class QuorateClient : IAsyncDisposable
{
    private readonly EndpointPool _pool;
    private readonly Caller _caller;
    private readonly QuorateClientOptions _options;

    /// <summary>Connects when first needed.</summary>
    public QuorateClient(QuorateClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _pool = new EndpointPool(options);
        _caller = new Caller(_pool, options);
    }

    /// <summary>Connects when first needed.</summary>
    /// <param name="endpoints">Client URLs, such as <c>http://127.0.0.1:2379</c>.</param>
    public QuorateClient(params string[] endpoints)
        : this(new QuorateClientOptions { Endpoints = [.. endpoints.Select(url => new Uri(url))] })
    {
    }

    /// <summary>Where it connects.</summary>
    public IReadOnlyList<Uri> Endpoints => _options.Endpoints;

    /// <summary>Reads keys.</summary>
    public async Task<RangeResult> RangeAsync(KeyRange range, RangeOptions? options = null, CancellationToken cancellationToken = default) =>
        Wire.Result(await _caller.CallAsync(
            EtcdMethods.Range, Wire.Range(range, options), RangeResponse.Parser, CallKind.Repeatable, cancellationToken).ConfigureAwait(false));

    /// <summary>Reads one key.</summary>
    /// <returns><see langword="null"/> when it does not exist.</returns>
    public async Task<KeyValue?> GetAsync(ReadOnlyMemory<byte> key, RangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        RangeResult result = await RangeAsync(KeyRange.Single(key), options, cancellationToken).ConfigureAwait(false);
        return result.KeyValues.Count > 0 ? result.KeyValues[0] : null;
    }

    /// <summary>Writes one key. The bytes must not change before the call returns.</summary>
    public async Task<PutResult> PutAsync(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, PutOptions? options = null, CancellationToken cancellationToken = default) =>
        Wire.Result(await _caller.CallAsync(
            EtcdMethods.Put, Wire.Put(key, value, options), PutResponse.Parser, CallKind.Once, cancellationToken).ConfigureAwait(false));

    /// <summary>Deletes keys.</summary>
    public async Task<DeleteResult> DeleteAsync(KeyRange range, bool returnPrevious = false, CancellationToken cancellationToken = default) =>
        Wire.Result(await _caller.CallAsync(
            EtcdMethods.DeleteRange, Wire.Delete(range, returnPrevious), DeleteRangeResponse.Parser, CallKind.Once, cancellationToken).ConfigureAwait(false));

    /// <summary>Begins a transaction: nothing is sent before <see cref="TxnBuilder.CommitAsync"/>.</summary>
    public TxnBuilder Txn() => new(CommitAsync);

    /// <summary>Forgets the history before a revision; reads at that revision stay possible.</summary>
    /// <param name="revision">The oldest revision to keep.</param>
    /// <param name="waitUntilFreed">Returns only when the space is free.</param>
    /// <param name="cancellationToken">Stops waiting; it may still take place.</param>
    /// <exception cref="CompactedException">That was done already.</exception>
    public async Task CompactAsync(long revision, bool waitUntilFreed = false, CancellationToken cancellationToken = default) =>
        await _caller.CallAsync(
            EtcdMethods.Compact, new CompactionRequest { Revision = revision, Physical = waitUntilFreed },
            CompactionResponse.Parser, CallKind.Once, cancellationToken).ConfigureAwait(false);

    /// <summary>Closes the connections; calls that are open fail, watches and leases end.</summary>
    public async ValueTask DisposeAsync() => await _pool.DisposeAsync().ConfigureAwait(false);

    private async Task<TxnResult> CommitAsync(TxnRequest request, CancellationToken cancellationToken)
    {
        CallKind kind = request.Success.Concat(request.Failure).All(IsRead) ? CallKind.Repeatable : CallKind.Once;
        return Wire.Result(await _caller.CallAsync(EtcdMethods.Txn, request, TxnResponse.Parser, kind, cancellationToken).ConfigureAwait(false));
    }

    private static bool IsRead(RequestOp operation) => operation.RequestCase == RequestOp.RequestOneofCase.RequestRange;
}
