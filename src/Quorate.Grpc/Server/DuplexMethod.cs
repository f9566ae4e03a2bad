using Google.Protobuf;

namespace Quorate.Grpc.Server;

/// <summary>A stream in, a stream out.</summary>
internal sealed class DuplexMethod<TRequest, TResponse>(
    string path,
    MessageParser<TRequest> parser,
    DuplexHandler<TRequest, TResponse> handler) : MethodEntry(path, "bidi_stream")
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override bool EndsWithDrain => true;

    public override async Task InvokeAsync(ServerCall call, MessageLimits limits)
    {
        MessageWriter<TResponse> responses = new(call);
        await handler(new MessageReader<TRequest>(call, parser, limits), responses, call).ConfigureAwait(false);
        responses.Begin();
    }
}
