using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Quorate.Grpc.Framing;

namespace Quorate.Grpc.Server;

/// <summary>Runs one call: headers in, method, status out. The texts are those of grpc-go.</summary>
internal sealed partial class CallRunner(
    GrpcServiceMap map,
    MessageLimits limits,
    PortCounters counters,
    string drainMessage,
    ILogger logger,
    CancellationToken draining)
{
    public const string Identity = "identity";
    public const string ContentType = "application/grpc";

    /// <summary>HTTP/2's error code of a stream that is given up (RFC 9113 §7).</summary>
    private const int Http2Cancel = 8;
    private const string AcceptedEncodings = "identity,gzip";

    private readonly IReadOnlyDictionary<string, MethodEntry> _methods = map.Methods;

    public bool Knows(string path) => _methods.ContainsKey(path);

    /// <summary>Whether a content type is one of gRPC with protobuf messages.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.Ordinal)
        && (contentType.Length == ContentType.Length
            || contentType[ContentType.Length] == ';'
            || contentType.AsSpan(ContentType.Length).SequenceEqual("+proto")
            || contentType.AsSpan(ContentType.Length).StartsWith("+proto;"));

    public static void BeginResponse(ServerCall call) => call.Response.Headers.ContentType = ContentType;

    public Task RunAsync(ServerCall call)
    {
        return _methods.TryGetValue(call.Request.Path, out MethodEntry? method)
            ? RunAsync(call, method)
            : FailAsync(call, StatusCode.Unimplemented, WhyUnknown(call.Request.Path));
    }

    private async Task RunAsync(ServerCall call, MethodEntry method)
    {
        method.Started();
        long startedAt = Stopwatch.GetTimestamp();
        StatusCode code = StatusCode.OK;
        try
        {
            ReadHeaders(call);
            if (method.EndsWithDrain)
            {
                counters.StreamBegan();
                call.EndWith(draining);
            }

            await method.InvokeAsync(call, limits).ConfigureAwait(false);
            call.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers.GrpcStatus = "0";
        }
        catch (Exception exception)
        {
            (code, string message) = Judge(call, method, exception);
            await FailAsync(call, code, message).ConfigureAwait(false);
        }

        if (call.EndsWithDrain)
        {
            counters.StreamEnded();
        }

        method.Handled(code, startedAt);
        counters.Add(call.ReceivedBytes, call.SentBytes);
    }

    private static void ReadHeaders(ServerCall call)
    {
        IHeaderDictionary headers = call.Request.Headers;
        string? timeoutText = headers.GrpcTimeout;
        if (timeoutText is not null)
        {
            if (!Timeouts.TryParse(timeoutText, out TimeSpan timeout))
            {
                throw new RpcException(StatusCode.Internal, $"malformed grpc-timeout: {timeoutText}");
            }

            call.SetDeadline(timeout);
        }

        string? encoding = headers.GrpcEncoding;
        if (encoding is not null && encoding is not (Identity or "gzip" or ""))
        {
            call.Response.Headers.GrpcAcceptEncoding = AcceptedEncodings;
            throw new RpcException(StatusCode.Unimplemented, $"grpc: Decompressor is not installed for grpc-encoding \"{encoding}\"");
        }
    }

    private (StatusCode Code, string Message) Judge(ServerCall call, MethodEntry method, Exception exception)
    {
        if (exception is RpcException status)
        {
            return (status.StatusCode, status.Message);
        }

        bool aborted = call.Features.Get<IHttpRequestLifetimeFeature>()?.RequestAborted.IsCancellationRequested ?? true;
        if (exception is OperationCanceledException && !aborted && call.IsCancelled)
        {
            return call.IsDraining
                ? (StatusCode.Unavailable, drainMessage)
                : (StatusCode.DeadlineExceeded, "context deadline exceeded");
        }

        if (aborted || exception is OperationCanceledException or ConnectionAbortedException or ConnectionResetException or BadHttpRequestException)
        {
            return (StatusCode.Canceled, "context canceled");
        }

        HandlerFailed(logger, method.Path, exception);
        return (StatusCode.Internal, "internal error; the log of the server tells more");
    }

    private static async Task FailAsync(ServerCall call, StatusCode code, string message)
    {
        if (await call.TryTakeRoomAsync(0).ConfigureAwait(false))
        {
            Fail(call, code, message);
        }
        else
        {
            call.Reset(Http2Cancel);
        }
    }

    private static void Fail(ServerCall call, StatusCode code, string message)
    {
        IHeaderDictionary headers;
        if (call.Response.HasStarted)
        {
            headers = call.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        }
        else
        {
            // Nothing has been said yet, so the status goes with the headers and the response is nothing but them.
            BeginResponse(call);
            headers = call.Response.Headers;
        }

        headers.GrpcStatus = ((int)code).ToString(CultureInfo.InvariantCulture);
        if (message.Length > 0)
        {
            headers.GrpcMessage = PercentEncoding.Encode(message);
        }
    }

    private string WhyUnknown(string path)
    {
        int slash = path.LastIndexOf('/');
        if (slash <= 0)
        {
            return $"malformed method name: \"{path}\"";
        }

        string service = path[1..slash];
        return map.Services.Contains(service)
            ? $"unknown method {path[(slash + 1)..]} for service {service}"
            : $"unknown service {service}";
    }

    [LoggerMessage(1, LogLevel.Error, "{Method} failed")]
    private static partial void HandlerFailed(ILogger logger, string method, Exception exception);
}
