using Google.Protobuf;

namespace Quorate.Grpc.Server;

/// <summary>One message in, a stream out.</summary>
internal sealed class ServerStreamMethod<TRequest, TResponse>(
    string path,
    MessageParser<TRequest> parser,
    ServerStreamHandler<TRequest, TResponse> handler) : MethodEntry(path, "server_stream")
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override bool EndsWithDrain => true;

    public override async Task InvokeAsync(ServerCall call, MessageLimits limits)
    {
        TRequest request = await RequestBody.ReadOnlyMessageAsync(call, parser, limits).ConfigureAwait(false);
        MessageWriter<TResponse> responses = new(call);
        await handler(request, responses, call).ConfigureAwait(false);
        responses.Begin();
    }
}
