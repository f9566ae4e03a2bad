using System.Diagnostics.CodeAnalysis;
using System.Net;
using Google.Protobuf;
using Quorate.Grpc.Client;

namespace Quorate.Grpc;

/// <summary>
/// Calls to one endpoint, all over one HTTP/2 connection that is made when first needed and made anew after it broke.
/// Safe for use from any thread. Nothing is retried: whether that is safe only the caller knows.
/// </summary>
public sealed class GrpcChannel : IAsyncDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly int _maxReceiveBytes;

    /// <summary>A channel to <paramref name="endpoint"/>: <c>http://host:port</c>, HTTP/2 without TLS.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The invoker owns its handler.")]
    public GrpcChannel(Uri endpoint, GrpcChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        options ??= new GrpcChannelOptions();
        Endpoint = endpoint;
        _maxReceiveBytes = options.MaxReceiveBytes;
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromHours(1),
            InitialHttp2StreamWindowSize = 1 << 20,
        });
    }

    /// <summary>Where it leads.</summary>
    public Uri Endpoint { get; }

    /// <summary>Sends one message and waits for the one that answers it.</summary>
    /// <param name="method">The full name of the method: <c>/package.Service/Method</c>.</param>
    /// <param name="request">The message.</param>
    /// <param name="parser">Reads the answer.</param>
    /// <param name="headers">Metadata to send along.</param>
    /// <param name="deadline">How long it may take, here and at the server.</param>
    /// <param name="cancellationToken">Cancels the call at the server too.</param>
    /// <exception cref="RpcException">It ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async ValueTask<TResponse> UnaryAsync<TRequest, TResponse>(
        string method,
        TRequest request,
        MessageParser<TResponse> parser,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null,
        TimeSpan? deadline = null,
        CancellationToken cancellationToken = default)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(parser);
        using CancellationTokenSource? limited = deadline is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited?.CancelAfter(deadline!.Value);
        CancellationToken token = limited?.Token ?? cancellationToken;
        UnaryContent content = new(request);
        try
        {
            using HttpRequestMessage message = Requests.Create(Endpoint, method, content, headers, deadline);
            using HttpResponseMessage response = await _invoker.SendAsync(message, token).ConfigureAwait(false);
            Responses.ThrowIfNotGrpc(response);
            using FrameReader reader = new(await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false), _maxReceiveBytes);
            TResponse? answer = await reader.ReadAsync(parser, token).ConfigureAwait(false);
            if (answer is not null)
            {
                // The status comes behind the message; a second message would be an error of the server.
                TResponse? extra = await reader.ReadAsync(parser, token).ConfigureAwait(false);
                answer = extra is null ? answer : throw new RpcException(StatusCode.Internal, "more than one message in the answer of a unary call");
            }

            Responses.ThrowIfFailed(response);
            return answer ?? throw new RpcException(StatusCode.Internal, "the answer of a unary call has no message");
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Responses.Translate(exception, deadlinePassed: limited?.IsCancellationRequested ?? false, content.IsBegun, cancellationToken);
        }
    }

    /// <summary>Opens a call with a stream of messages each way; also for methods that stream only one way.</summary>
    /// <param name="method">The full name of the method.</param>
    /// <param name="parser">Reads the answers.</param>
    /// <param name="headers">Metadata to send along.</param>
    /// <param name="deadline">How long the whole call may take; none for streams that stay.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public DuplexCall<TRequest, TResponse> OpenDuplex<TRequest, TResponse>(
        string method,
        MessageParser<TResponse> parser,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null,
        TimeSpan? deadline = null,
        CancellationToken cancellationToken = default)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(parser);
        return new DuplexCall<TRequest, TResponse>(_invoker, Endpoint, method, parser, headers, deadline, _maxReceiveBytes, cancellationToken);
    }

    /// <summary>Closes the connection; calls that are open fail.</summary>
    public ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        return ValueTask.CompletedTask;
    }
}
