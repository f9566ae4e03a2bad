using System.Net;
using Quorate.Grpc.Framing;

namespace Quorate.Grpc.Client;

/// <summary>Builds the HTTP request of a call.</summary>
internal static class Requests
{
    public const string ContentType = "application/grpc";

    public static HttpRequestMessage Create(
        Uri endpoint,
        string method,
        HttpContent content,
        IReadOnlyList<KeyValuePair<string, string>>? headers,
        TimeSpan? deadline)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(endpoint, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        if (deadline is not null)
        {
            request.Headers.TryAddWithoutValidation("grpc-timeout", Timeouts.Format(deadline.Value));
        }

        for (int index = 0; index < (headers?.Count ?? 0); index++)
        {
            request.Headers.TryAddWithoutValidation(headers![index].Key, headers[index].Value);
        }

        return request;
    }
}
