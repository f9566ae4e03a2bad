using Microsoft.AspNetCore.Http;

namespace Quorate.Grpc;

/// <summary>What a <see cref="ClientPort"/> serves, where, and its bounds.</summary>
public sealed record ClientPortOptions
{
    /// <summary>Where to listen: <c>http://address:port</c>, the address an IP, <c>localhost</c> or <c>*</c>; port 0 takes a free one.</summary>
    public required IReadOnlyList<Uri> Urls { get; init; }

    /// <summary>The gRPC methods; health and reflection are added by the port.</summary>
    public required GrpcServiceMap Grpc { get; init; }

    /// <summary>Serves every request that is not gRPC, of HTTP/1.1 or HTTP/2. Without it they get 404.</summary>
    public RequestDelegate? Pages { get; init; }

    /// <summary>The largest request message; etcd's limit of 1.5 MiB and 512 KiB of slack.</summary>
    public int MaxReceiveBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>Most connections at once; more are closed as they come.</summary>
    public int MaxConnections { get; init; } = 50_000;

    /// <summary>Most calls at once on one connection; a client that has as many waits.</summary>
    public int MaxCallsPerConnection { get; init; } = 100_000;

    /// <summary>
    /// Most bytes of answers that one connection may leave unread, each with 16 KiB for what the server keeps of its call. Further answers
    /// wait until it reads; when as many again wait and it reads nothing, its calls are refused.
    /// </summary>
    public long MaxUnreadBytesPerConnection { get; init; } = 8 << 20;

    /// <summary>How long calls may take to end when the port stops, before their connections are cut.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What streams are told, with the code Unavailable, when the port stops.</summary>
    public string DrainMessage { get; init; } = "the server is shutting down";

    /// <summary>A ping goes to a client after this much silence.</summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A client that does not answer a ping for so long is dropped.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
