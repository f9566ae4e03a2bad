using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Quorate.Grpc.Server;

namespace Quorate.Grpc;

/// <summary>
/// One call as its handler sees it. The object is used again for a later call on the same connection: nothing may keep it
/// beyond the end of the handler.
/// </summary>
public sealed class ServerCall
{
    private CancellationTokenSource? _source;
    private long _deadlineTimestamp;
    private bool _hasDeadline;
    private CancellationToken _draining;
    private UnreadAnswers? _unread;
    private bool _isUnreadKnown;

    internal ServerCall()
    {
    }

    /// <summary>
    /// Cancelled when the client cancels or vanishes, when the deadline passes, and for streams and long waits also when the
    /// server drains. A handler that answers it with an <see cref="OperationCanceledException"/> need not tell these apart.
    /// </summary>
    public CancellationToken CancellationToken => _source?.Token ?? FirstToken();

    /// <summary>Where the client is, as far as the transport knows.</summary>
    public EndPoint? RemoteEndPoint
    {
        get
        {
            IHttpConnectionFeature? connection = Features.Get<IHttpConnectionFeature>();
            return connection?.RemoteIpAddress is null ? null : new IPEndPoint(connection.RemoteIpAddress, connection.RemotePort);
        }
    }

    internal IFeatureCollection Features { get; private set; } = null!;

    internal IHttpRequestFeature Request { get; private set; } = null!;

    internal IHttpResponseFeature Response { get; private set; } = null!;

    internal long ReceivedBytes { get; set; }

    internal long SentBytes { get; set; }

    /// <summary>Whether it comes over a connection that leaves its answers unread.</summary>
    internal bool IsOfStalledClient => Unread is { } unread && unread.IsStalled();

    internal bool IsCancelled => _source?.IsCancellationRequested ?? false;

    internal bool EndsWithDrain { get; private set; }

    internal bool IsDraining => _draining.IsCancellationRequested;

    /// <summary>A header the client sent along, or <see langword="null"/>.</summary>
    /// <param name="name">Its name in lower case.</param>
    public string? Metadata(string name) => Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>
    /// A token for a wait that ends by itself within <paramref name="bound"/>: none when the deadline is not earlier, so that
    /// short waits of calls without a tight deadline cost nothing. Such a wait does not notice that the client is gone.
    /// </summary>
    public CancellationToken TokenFor(TimeSpan bound)
    {
        bool needed = _source is not null
            || (_hasDeadline && Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _deadlineTimestamp) < bound);
        return needed ? CancellationToken : CancellationToken.None;
    }

    /// <summary>
    /// Takes room for an answer of so many bytes among what the connection has not read yet, until it has left; waits while there is none.
    /// </summary>
    /// <exception cref="OperationCanceledException">The call was over before.</exception>
    internal ValueTask TakeRoomAsync(int bytes)
    {
        if (Unread is not { } unread)
        {
            return ValueTask.CompletedTask;
        }

        int stream = Features.GetRequiredFeature<IHttp2StreamIdFeature>().StreamId;
        long room = bytes + UnreadAnswers.CallBytes;
        return unread.TryEnter(stream, room) ? ValueTask.CompletedTask : new ValueTask(unread.EnterAsync(stream, room, CancellationToken));
    }

    /// <summary>The same; false when there is none for as long as the call may take.</summary>
    internal async ValueTask<bool> TryTakeRoomAsync(int bytes)
    {
        try
        {
            await TakeRoomAsync(bytes).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Ends the call without an answer.</summary>
    internal void Reset(int http2Error) => Features.Get<IHttpResetFeature>()?.Reset(http2Error);

    internal void Begin(IFeatureCollection features)
    {
        Features = features;
        Request = features.GetRequiredFeature<IHttpRequestFeature>();
        Response = features.GetRequiredFeature<IHttpResponseFeature>();
    }

    internal void SetDeadline(TimeSpan timeout)
    {
        _hasDeadline = true;
        _deadlineTimestamp = Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>Makes the call end with the server's draining too; before the handler sees it.</summary>
    internal void EndWith(CancellationToken draining)
    {
        EndsWithDrain = true;
        _draining = draining;
        CreateSource();
    }

    internal void End()
    {
        _source?.Dispose();
        _source = null;
        _hasDeadline = false;
        EndsWithDrain = false;
        _draining = default;
        ReceivedBytes = 0;
        SentBytes = 0;
        Features = null!;
        Request = null!;
        Response = null!;
    }

    /// <summary>None on HTTP/1.1, where an answer is read before the next request. Looked up once: this object stays with its connection.</summary>
    private UnreadAnswers? Unread
    {
        get
        {
            if (!_isUnreadKnown)
            {
                _isUnreadKnown = true;
                _unread = Features.Get<UnreadAnswers>();
            }

            return _unread;
        }
    }

    private CancellationToken FirstToken() =>
        _hasDeadline ? CreateSource().Token : Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;

    private CancellationTokenSource CreateSource()
    {
        CancellationToken aborted = Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        _source = CancellationTokenSource.CreateLinkedTokenSource(aborted, _draining);
        if (_hasDeadline)
        {
            TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _deadlineTimestamp);
            _source.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        return _source;
    }
}
