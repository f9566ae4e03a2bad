using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>One client's watch stream. Two loops share it: one takes requests, the other writes what the group tells.</summary>
internal sealed class WatchSession(DoorGroup group, WatchWriter writer, int maxWatchers) : IAsyncDisposable
{
    private readonly IWatchStream _stream = group.Inner.OpenWatch();
    private readonly Lock _lock = new();
    private readonly Dictionary<long, WatcherInfo> _watchers = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private long _nextId;
    private volatile bool _clientClosed;

    /// <summary>Takes requests until the client closes its half, which ends the stream, as it does in etcd.</summary>
    public async Task ReadRequestsAsync(MessageReader<Contract.WatchRequest> requests, CancellationToken cancellationToken)
    {
        while (await requests.ReadAsync(cancellationToken).ConfigureAwait(false) is { } request)
        {
            switch (request.RequestUnionCase)
            {
                case Contract.WatchRequest.RequestUnionOneofCase.CreateRequest:
                    if (TryCreate(request.CreateRequest) is { } reason)
                    {
                        await RefuseAsync(reason, cancellationToken).ConfigureAwait(false);
                    }

                    break;
                case Contract.WatchRequest.RequestUnionOneofCase.CancelRequest:
                    _stream.Cancel(request.CancelRequest.WatchId);
                    break;
                case Contract.WatchRequest.RequestUnionOneofCase.ProgressRequest:
                    _stream.RequestProgress();
                    break;
                default:
                    // An empty request asks for nothing; etcd passes it over too.
                    break;
            }
        }

        _clientClosed = true;
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Writes what the group tells until the stream is over.</summary>
    public async Task WriteMessagesAsync(CancellationToken cancellationToken)
    {
        List<WatchMessage> messages = [];
        while (await _stream.ReadAsync(messages, cancellationToken).ConfigureAwait(false))
        {
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                foreach (WatchMessage message in messages)
                {
                    await writer.WriteAsync(message, Look(message), cancellationToken).ConfigureAwait(false);
                }

                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }

            messages.Clear();
        }

        if (!_clientClosed)
        {
            // The group ended it: it is stopping, or the client sends requests and does not read the answers.
            throw EtcdErrors.Stopped();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
    }

    /// <summary>Creates a watcher, or says why not.</summary>
    private string? TryCreate(WatchCreateRequest request)
    {
        // An empty key stands for the smallest there can be.
        ReadOnlyMemory<byte> key = request.Key.IsEmpty ? new byte[] { 0 } : request.Key.Memory;
        KeyRange range = new(key, request.RangeEnd.Memory);
        if (range.IsEmpty)
        {
            return "mvcc: watcher range is empty";
        }

        if (request.StartRevision < 0)
        {
            return EtcdErrors.CompactedText;
        }

        long id;
        lock (_lock)
        {
            if (_watchers.Count >= maxWatchers)
            {
                return "etcdserver: too many requests";
            }

            id = request.WatchId == 0 ? FreeId() : request.WatchId;
            if (id < 0 || !_watchers.TryAdd(id, new WatcherInfo(request.PrevKv, request.Fragment)))
            {
                return "mvcc: duplicate watch ID provided on the WatchStream";
            }
        }

        _stream.Create(id, new State.WatchRequest(
            range,
            request.StartRevision,
            request.PrevKv,
            request.Filters.Contains(WatchCreateRequest.Types.FilterType.Noput),
            request.Filters.Contains(WatchCreateRequest.Types.FilterType.Nodelete),
            request.ProgressNotify));
        return null;
    }

    private long FreeId()
    {
        while (_watchers.ContainsKey(_nextId))
        {
            _nextId++;
        }

        return _nextId++;
    }

    private WatcherInfo Look(WatchMessage message)
    {
        lock (_lock)
        {
            WatcherInfo info = _watchers.GetValueOrDefault(message.WatchId);
            if (message is WatchCanceled)
            {
                _watchers.Remove(message.WatchId);
            }

            return info;
        }
    }

    private async Task RefuseAsync(string reason, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            writer.WriteRefused(reason);
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}
