using System.IO.Pipelines;
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
        if (size >= LargeAnswers.LeastBytes)
        {
            await SendLargeAsync(call, response, size).ConfigureAwait(false);
            return;
        }

        CallRunner.BeginResponse(call);
        call.SentBytes += Frames.Write(call.Features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer, response, size);
    }

    private static async Task SendLargeAsync(ServerCall call, TResponse response, int size)
    {
        SemaphoreSlim turn = await LargeAnswers.TakeTurnAsync(call).ConfigureAwait(false);
        try
        {
            CallRunner.BeginResponse(call);
            PipeWriter writer = call.Features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
            call.SentBytes += Frames.Write(writer, response, size);
            await writer.FlushAsync(call.CancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }
}
