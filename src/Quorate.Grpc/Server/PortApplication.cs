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
internal sealed class PortApplication(CallRunner runner, RequestDelegate pages) : IHttpApplication<ServerCall>
{
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
        string? contentType = context.Request.Headers.ContentType;
        if (CallRunner.IsGrpc(contentType))
        {
            return context.Request.Protocol == HttpProtocol.Http2
                ? runner.RunAsync(context)
                : Refuse(context, HttpStatusCode.HttpVersionNotSupported);
        }

        bool wrongType = runner.Knows(context.Request.Path)
            || (contentType?.StartsWith(CallRunner.ContentType, StringComparison.Ordinal) ?? false);
        return wrongType
            ? Refuse(context, HttpStatusCode.UnsupportedMediaType)
            : pages(new DefaultHttpContext(context.Features));
    }

    public void DisposeContext(ServerCall context, Exception? exception) => context.End();

    private static Task Refuse(ServerCall context, HttpStatusCode status)
    {
        context.Response.StatusCode = (int)status;
        return Task.CompletedTask;
    }
}
