using Google.Protobuf;
using Quorate.Grpc.Client;

namespace Quorate.Grpc;

/// <summary>An open call with a stream of messages each way. One writer and one reader at a time; both may be at work at once.</summary>
/// <typeparam name="TRequest">What is sent.</typeparam>
/// <typeparam name="TResponse">What comes back.</typeparam>
public sealed class DuplexCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : IMessage
    where TResponse : class, IMessage<TResponse>
{
    private readonly MessageParser<TResponse> _parser;
    private readonly CancellationTokenSource _ending;
    private readonly CancellationToken _callerToken;
    private readonly DuplexContent _content = new();
    private readonly HttpRequestMessage _request;
    private readonly Task<HttpResponseMessage> _sending;
    private readonly int _maxReceiveBytes;
    private readonly bool _hasDeadline;
    private HttpResponseMessage? _response;
    private FrameReader? _reader;
    private volatile bool _disposed;

    internal DuplexCall(
        HttpMessageInvoker invoker,
        Uri endpoint,
        string method,
        MessageParser<TResponse> parser,
        IReadOnlyList<KeyValuePair<string, string>>? headers,
        TimeSpan? deadline,
        int maxReceiveBytes,
        CancellationToken cancellationToken)
    {
        _parser = parser;
        _maxReceiveBytes = maxReceiveBytes;
        _callerToken = cancellationToken;
        _hasDeadline = deadline is not null;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (deadline is not null)
        {
            _ending.CancelAfter(deadline.Value);
        }

        _request = Requests.Create(endpoint, method, _content, headers, deadline);
        _sending = invoker.SendAsync(_request, _ending.Token);
        _ = _sending.ContinueWith(
            static (sending, state) => ((DuplexContent)state!).Fail(sending.Exception?.InnerException ?? new OperationCanceledException()),
            _content,
            CancellationToken.None,
            TaskContinuationOptions.NotOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Sends a message; returns when it is handed to the connection.</summary>
    /// <exception cref="RpcException">The call is over. <see cref="ReadAsync"/> tells why.</exception>
    public async ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken = default)
    {
        try
        {
            await _content.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not RpcException && !cancellationToken.IsCancellationRequested)
        {
            throw Translate(exception);
        }
    }

    /// <summary>Says that nothing more will be sent; answers may still come.</summary>
    public ValueTask CompleteAsync()
    {
        _content.Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>The next message, or <see langword="null"/> when the call ended well.</summary>
    /// <exception cref="RpcException">The call ended with another status.</exception>
    /// <exception cref="OperationCanceledException">A token was cancelled; that of this read leaves the call unusable.</exception>
    public async ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (_reader is null)
            {
                _response = await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
                Responses.ThrowIfNotGrpc(_response);
                _reader = new FrameReader(await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), _maxReceiveBytes);
            }

            // The response stream ends with the call's own token; linking a second one for every read would cost more than it gives.
            TResponse? message = await _reader.ReadAsync(_parser, cancellationToken.CanBeCanceled ? cancellationToken : _ending.Token).ConfigureAwait(false);
            if (message is null)
            {
                Responses.ThrowIfFailed(_response!);
            }

            return message;
        }
        catch (Exception exception) when (exception is not RpcException && !cancellationToken.IsCancellationRequested)
        {
            throw Translate(exception);
        }
    }

    /// <summary>Ends the call, at the server too.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _ending.CancelAsync().ConfigureAwait(false);
        _content.Complete();
        try
        {
            (_response ?? await _sending.ConfigureAwait(false)).Dispose();
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException)
        {
            // It failed before there was an answer; whoever read from the call has been told.
        }

        _reader?.Dispose();
        _request.Dispose();
        _ending.Dispose();
    }

    private Exception Translate(Exception exception) =>
        Responses.Translate(exception, _hasDeadline && !_disposed && !_callerToken.IsCancellationRequested && _ending.IsCancellationRequested, isBegun: true, _callerToken);
}
