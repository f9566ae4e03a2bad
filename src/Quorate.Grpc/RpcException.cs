namespace Quorate.Grpc;

/// <summary>A call ended with another status than OK: thrown by handlers to say so, and by <see cref="GrpcChannel"/> when told so.</summary>
/// <param name="statusCode">The outcome.</param>
/// <param name="message">The text of the status, as it travels in <c>grpc-message</c>.</param>
/// <param name="innerException">What lies behind it on this side, if anything.</param>
public sealed class RpcException(StatusCode statusCode, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The outcome.</summary>
    public StatusCode StatusCode { get; } = statusCode;

    /// <summary>On the client: code and text are the server's. Otherwise the call ended on this side: by its deadline, or with the connection.</summary>
    public bool IsAnswer { get; init; }

    /// <summary>
    /// On the client: the request certainly never left, because there was no connection. Such a call may be repeated
    /// elsewhere whatever it does.
    /// </summary>
    public bool NeverSent { get; init; }
}
