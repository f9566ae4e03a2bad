using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http.Features;

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
