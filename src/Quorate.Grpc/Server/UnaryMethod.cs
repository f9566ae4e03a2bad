using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Quorate.Grpc.Framing;

namespace Quorate.Grpc.Server;

/// <summary>One message in, one out. The response leaves with its trailers in one flush, when Kestrel ends the request.</summary>
internal sealed class UnaryMethod<TRequest, TResponse>(
    string path,
    MessageParser<TRequest> parser,
    UnaryHandler<TRequest, TResponse> handler,
    bool longWait) : MethodEntry(path, "unary")
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override bool EndsWithDrain => longWait;

    public override async Task InvokeAsync(ServerCall call, MessageLimits limits)
    {
        TRequest request = await RequestBody.ReadOnlyMessageAsync(call, parser, limits).ConfigureAwait(false);
        TResponse response = await handler(request, call).ConfigureAwait(false);
        int size = response.CalculateSize();
        await call.TakeRoomAsync(size).ConfigureAwait(false);
        CallRunner.BeginResponse(call);
        call.SentBytes += Frames.Write(call.Features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer, response, size);
    }
}
