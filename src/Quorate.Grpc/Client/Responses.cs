using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Quorate.Grpc.Framing;

namespace Quorate.Grpc.Client;

/// <summary>Reads the status of a call out of an HTTP response, or out of the exception that came instead.</summary>
internal static class Responses
{
    public static void ThrowIfNotGrpc(HttpResponseMessage response)
    {
        if (TryRead(response.Headers, out StatusCode code, out string message) && code != StatusCode.OK)
        {
            throw new RpcException(code, message) { IsAnswer = true };
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new RpcException(FromHttp(response.StatusCode), $"unexpected HTTP status code received from server: {(int)response.StatusCode}");
        }

        if (response.Content.Headers.ContentType?.MediaType?.StartsWith(Requests.ContentType, StringComparison.Ordinal) != true)
        {
            throw new RpcException(StatusCode.Unknown, $"unexpected content type from server: {response.Content.Headers.ContentType}");
        }
    }

    /// <summary>Call it once the body has been read to its end: the trailers are there only then.</summary>
    public static void ThrowIfFailed(HttpResponseMessage response)
    {
        if (!TryRead(response.TrailingHeaders, out StatusCode code, out string message)
            && !TryRead(response.Headers, out code, out message))
        {
            throw new RpcException(StatusCode.Internal, "server closed the stream without sending trailers");
        }

        if (code != StatusCode.OK)
        {
            throw new RpcException(code, message) { IsAnswer = true };
        }
    }

    /// <summary>What a call that broke off ends with.</summary>
    /// <param name="exception">What broke it off.</param>
    /// <param name="deadlinePassed">Whether its time had run out.</param>
    /// <param name="isBegun">Whether any of its message may have gone out.</param>
    /// <param name="callerToken">Whether its caller gave it up.</param>
    public static Exception Translate(Exception exception, bool deadlinePassed, bool isBegun, CancellationToken callerToken)
    {
        if (callerToken.IsCancellationRequested)
        {
            return new OperationCanceledException(exception.Message, exception, callerToken);
        }

        return exception switch
        {
            OperationCanceledException { InnerException: TimeoutException } => NobodyAnswered(exception),
            _ when deadlinePassed && !isBegun => NobodyAnswered(exception),
            _ when deadlinePassed => new RpcException(StatusCode.DeadlineExceeded, "context deadline exceeded", exception),
            OperationCanceledException => new RpcException(StatusCode.Canceled, "the call was closed", exception),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
                new RpcException(StatusCode.Unavailable, "no connection: " + ReasonOf(exception), exception) { NeverSent = true },
            HttpRequestException or IOException =>
                new RpcException(StatusCode.Unavailable, "the connection broke before the answer came: " + ReasonOf(exception), exception),
            _ => exception,
        };
    }

    private static RpcException NobodyAnswered(Exception exception) =>
        new(StatusCode.Unavailable, "no connection: nobody answered in time", exception) { NeverSent = true };

    /// <summary>The outer exceptions only say that sending failed; what happened says the innermost.</summary>
    private static string ReasonOf(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message;
    }

    private static bool TryRead(HttpResponseHeaders headers, out StatusCode code, out string message)
    {
        code = StatusCode.Unknown;
        message = string.Empty;
        if (!headers.NonValidated.TryGetValues("grpc-status", out HeaderStringValues status))
        {
            return false;
        }

        if (int.TryParse(status.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= (int)StatusCode.Unauthenticated)
        {
            code = (StatusCode)number;
        }

        if (headers.NonValidated.TryGetValues("grpc-message", out HeaderStringValues text))
        {
            message = PercentEncoding.Decode(text.ToString());
        }

        return true;
    }

    private static StatusCode FromHttp(HttpStatusCode status) => (int)status switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
