using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Quorate.Grpc.Server;

/// <summary>
/// What Kestrel calls for every request: gRPC by a look-up of the path, the rest by the pages. There is no middleware and no
/// routing in between, which together would cost about as much as the call itself.
/// </summary>
internal sealed class PortApplication(CallRunner runner, RequestDelegate pages, PortCounters counters) : IHttpApplication<ServerCall>
{
    /// <summary>What a page counts for among the answers that a client leaves unread; larger ones wait for the client as they are written.</summary>
    private const int PageBytes = 64 << 10;

    /// <summary>HTTP/2's error code for a peer that asks for too much (RFC 9113 §7); gRPC's clients make "resource exhausted" of it.</summary>
    private const int Http2EnhanceYourCalm = 11;

    public ServerCall CreateContext(IFeatureCollection contextFeatures)
    {
        ServerCall call;
        if (contextFeatures is IHostContextContainer<ServerCall> container)
        {
            call = container.HostContext ??= new ServerCall();
        }
        else
        {
            call = new ServerCall();
        }

        call.Begin(contextFeatures);
        return call;
    }

    public Task ProcessRequestAsync(ServerCall context)
    {
        if (context.IsOfStalledClient)
        {
            counters.CallRefused();
            context.Reset(Http2EnhanceYourCalm);
            return Task.CompletedTask;
        }

        string? contentType = context.Request.Headers.ContentType;
        return CallRunner.IsGrpc(contentType) && context.Request.Protocol == HttpProtocol.Http2
            ? runner.RunAsync(context)
            : ServePageAsync(context, contentType);
    }

    public void DisposeContext(ServerCall context, Exception? exception) => context.End();

    private async Task ServePageAsync(ServerCall call, string? contentType)
    {
        if (!await call.TryTakeRoomAsync(PageBytes).ConfigureAwait(false))
        {
            return;
        }

        if (CallRunner.IsGrpc(contentType))
        {
            call.Response.StatusCode = (int)HttpStatusCode.HttpVersionNotSupported;
        }
        else if (runner.Knows(call.Request.Path) || (contentType?.StartsWith(CallRunner.ContentType, StringComparison.Ordinal) ?? false))
        {
            call.Response.StatusCode = (int)HttpStatusCode.UnsupportedMediaType;
        }
        else
        {
            await pages(new DefaultHttpContext(call.Features)).ConfigureAwait(false);
        }
    }
}
