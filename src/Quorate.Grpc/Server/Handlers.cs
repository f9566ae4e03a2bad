namespace Quorate.Grpc;

/// <summary>Answers one message with one. Throw <see cref="RpcException"/> to answer with a status.</summary>
/// <typeparam name="TRequest">What comes.</typeparam>
/// <typeparam name="TResponse">What goes back.</typeparam>
public delegate ValueTask<TResponse> UnaryHandler<in TRequest, TResponse>(TRequest request, ServerCall call);

/// <summary>Answers one message with a stream of them; the stream ends when the task does.</summary>
/// <typeparam name="TRequest">What comes.</typeparam>
/// <typeparam name="TResponse">What goes back.</typeparam>
public delegate Task ServerStreamHandler<in TRequest, TResponse>(TRequest request, MessageWriter<TResponse> responses, ServerCall call)
    where TResponse : Google.Protobuf.IMessage;

/// <summary>Reads a stream of messages and writes one, in any order; both end when the task does.</summary>
/// <typeparam name="TRequest">What comes.</typeparam>
/// <typeparam name="TResponse">What goes back.</typeparam>
public delegate Task DuplexHandler<TRequest, TResponse>(MessageReader<TRequest> requests, MessageWriter<TResponse> responses, ServerCall call)
    where TRequest : class, Google.Protobuf.IMessage<TRequest>
    where TResponse : Google.Protobuf.IMessage;
