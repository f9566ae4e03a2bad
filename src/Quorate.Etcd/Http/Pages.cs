using Microsoft.AspNetCore.Http;

namespace Quorate.Etcd;

/// <summary>Everything the port serves that is not gRPC.</summary>
internal sealed class Pages(HealthPages health, MetricsPage metrics)
{
    public Task ServeAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? string.Empty;
        if (path.StartsWith("/v3/", StringComparison.Ordinal) || path.StartsWith("/v3beta/", StringComparison.Ordinal))
        {
            return RefuseGatewayAsync(context);
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET";
            return HealthPages.WriteAsync(context, "text/plain; charset=utf-8", "Method Not Allowed\n");
        }

        return path switch
        {
            "/health" => health.HealthAsync(context),
            "/version" => HealthPages.WriteAsync(context, "application/json", VersionText),
            "/metrics" => HealthPages.WriteAsync(context, MetricsPage.ContentType, metrics.Render()),
            _ => health.TryServeAsync(context, path) ?? NotFoundAsync(context),
        };
    }

    private static string VersionText { get; } =
        $"{{\"etcdserver\":\"{EtcdVersion.Server}\",\"etcdcluster\":\"{EtcdVersion.Cluster}\",\"quorate\":\"{EtcdVersion.Quorate}\"}}";

    private static Task RefuseGatewayAsync(HttpContext context)
    {
        const string Text = "quorate: the JSON gateway is not supported yet; a later release brings it. Use gRPC on this same port.";
        context.Response.StatusCode = StatusCodes.Status501NotImplemented;
        return HealthPages.WriteAsync(context, "application/json", $"{{\"error\":\"{Text}\",\"code\":12,\"message\":\"{Text}\",\"details\":[]}}");
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return HealthPages.WriteAsync(context, "text/plain; charset=utf-8", "404 page not found\n");
    }
}
