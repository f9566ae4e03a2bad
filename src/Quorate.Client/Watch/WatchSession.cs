using Quorate.Client.Calls;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client;

/// <summary>One watch over as many streams as it takes.</summary>
internal sealed class WatchSession(EndpointPool pool, KeyRange range, WatchOptions options) : IAsyncDisposable
{
    /// <summary>A server without a leader for a while must end the stream: it would stay silent otherwise while others have one.</summary>
    private static readonly KeyValuePair<string, string>[] NeedsLeader = [new("hasleader", "true")];

    /// <summary>How long an endpoint may take to set the watch up.</summary>
    private static readonly TimeSpan SetupTimeout = TimeSpan.FromSeconds(8);

    private readonly List<Event> _fragments = [];
    private Endpoint? _endpoint;
    private DuplexCall<WatchRequest, WatchResponse>? _call;
    private long _next = options.StartRevision;
    private long _watchId = -1;

    /// <summary>The next batch that the caller wants to see.</summary>
    public async Task<WatchBatch> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                WatchBatch? batch = _call is null
                    ? await OpenAsync(cancellationToken).ConfigureAwait(false)
                    : await ReadOnceAsync(_call, cancellationToken).ConfigureAwait(false);
                if (batch is not null && (batch.Events.Count > 0 || options.IncludeProgress))
                {
                    return batch;
                }
            }
            catch (RpcException exception) when (Failures.IsTransient(exception) || exception.StatusCode == StatusCode.Canceled)
            {
                await BreakAsync().ConfigureAwait(false);
            }
            catch (RpcException exception)
            {
                throw Failures.Translate(exception, _endpoint!, changesNothing: true);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It took too long to set up.
                await BreakAsync().ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_call is not null)
        {
            await _call.DisposeAsync().ConfigureAwait(false);
            _call = null;
        }
    }

    private async Task<WatchBatch?> OpenAsync(CancellationToken cancellationToken)
    {
        _endpoint = await pool.PickAsync(cancellationToken).ConfigureAwait(false);
        _call = _endpoint.Channel.OpenDuplex<WatchRequest, WatchResponse>(
            EtcdMethods.Watch, WatchResponse.Parser, NeedsLeader, cancellationToken: CancellationToken.None);
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(SetupTimeout);
        await _call.WriteAsync(new WatchRequest { CreateRequest = CreateRequest() }, limited.Token).ConfigureAwait(false);
        WatchResponse created = await _call.ReadAsync(limited.Token).ConfigureAwait(false) ?? throw Ended();
        ThrowIfCanceled(created);
        _watchId = created.WatchId;
        _endpoint.Succeeded();
        if (_next == 0)
        {
            _next = created.Header.Revision + 1;
        }

        // Not the endpoint's own revision: it may be behind the one that was watched before.
        return new WatchBatch(_next - 1, []);
    }

    private WatchCreateRequest CreateRequest()
    {
        WatchCreateRequest request = new()
        {
            Key = range.WireKey,
            RangeEnd = range.WireEnd,
            StartRevision = _next,
            PrevKv = options.ReturnPrevious,
            ProgressNotify = true,
            Fragment = true,
        };
        if (options.IgnorePuts)
        {
            request.Filters.Add(WatchCreateRequest.Types.FilterType.Noput);
        }

        if (options.IgnoreDeletes)
        {
            request.Filters.Add(WatchCreateRequest.Types.FilterType.Nodelete);
        }

        return request;
    }

    /// <returns><see langword="null"/> when what came is not a whole batch yet.</returns>
    private async Task<WatchBatch?> ReadOnceAsync(DuplexCall<WatchRequest, WatchResponse> call, CancellationToken cancellationToken)
    {
        WatchResponse response = await call.ReadAsync(cancellationToken).ConfigureAwait(false) ?? throw Ended();
        ThrowIfCanceled(response);
        _fragments.AddRange(response.Events);
        if (response.Fragment)
        {
            return null;
        }

        WatchEvent[] events = [.. _fragments.Select(Translate)];
        _fragments.Clear();

        // Without events it is progress: all events up to this revision came before it.
        long seen = events.Length == 0 ? response.Header.Revision : events[^1].KeyValue.ModRevision;
        _next = Math.Max(_next, seen + 1);
        return new WatchBatch(_next - 1, events);
    }

    private void ThrowIfCanceled(WatchResponse response)
    {
        if (!response.Canceled)
        {
            return;
        }

        if (response.CompactRevision > 0)
        {
            throw new CompactedException(
                response.CompactRevision, $"the history from revision {_next} on has been compacted away; it begins at {response.CompactRevision}");
        }

        // Reasons come as texts of the shape "rpc error: code = PermissionDenied desc = ...", or bare.
        throw response.CancelReason.Contains("no leader", StringComparison.Ordinal) || response.CancelReason.Length == 0
            ? new RpcException(StatusCode.Unavailable, "the server cancelled the watch: " + response.CancelReason)
            : new QuorateException(
                response.CancelReason.Contains("permission denied", StringComparison.Ordinal) ? QuorateError.PermissionDenied : QuorateError.InvalidRequest,
                RequestOutcome.NotApplied,
                $"the server cancelled watch {_watchId}: {response.CancelReason}");
    }

    private async Task BreakAsync()
    {
        if (_endpoint is not null)
        {
            pool.Failed(_endpoint);
        }

        // A part of a revision is read again whole.
        _fragments.Clear();
        await DisposeAsync().ConfigureAwait(false);
    }

    private static RpcException Ended() => new(StatusCode.Unavailable, "the server ended the watch stream");

    private static WatchEvent Translate(Event wire) => new(
        wire.Type == Event.Types.EventType.Put ? WatchEventKind.Put : WatchEventKind.Delete,
        Wire.KeyValue(wire.Kv)!,
        Wire.KeyValue(wire.PrevKv));
}
