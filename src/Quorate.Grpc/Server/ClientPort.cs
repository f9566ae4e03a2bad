using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quorate.Grpc.Server;

namespace Quorate.Grpc;

/// <summary>
/// One port, without TLS, for gRPC (HTTP/2 with prior knowledge) and HTTP/1.1: Kestrel without the hosting around it, so that
/// no configuration file or environment variable has a say.
/// </summary>
public sealed class ClientPort : IAsyncDisposable
{
    private static readonly TimeSpan DrainPause = TimeSpan.FromMilliseconds(20);

    private readonly KestrelServer _server;
    private readonly TimeSpan _drainTimeout;
    private readonly CancellationTokenSource _draining;
    private readonly PortCounters _counters;
    private bool _stopped;

    private ClientPort(KestrelServer server, GrpcHealth health, PortCounters counters, CancellationTokenSource draining, TimeSpan drainTimeout)
    {
        _server = server;
        _draining = draining;
        _drainTimeout = drainTimeout;
        _counters = counters;
        Health = health;
    }

    /// <summary>What the health service answers.</summary>
    public GrpcHealth Health { get; }

    /// <summary>Where it listens, with the ports that were free.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Bytes of gRPC messages that came in.</summary>
    public long ReceivedBytes => _counters.ReceivedBytes;

    /// <summary>Bytes of gRPC messages that went out.</summary>
    public long SentBytes => _counters.SentBytes;

    /// <summary>Calls refused because their connection leaves its answers unread.</summary>
    public long RefusedCalls => _counters.RefusedCalls;

    /// <summary>Listens and serves.</summary>
    /// <exception cref="IOException">An address is taken.</exception>
    /// <exception cref="ArgumentException">A URL is not one to listen at.</exception>
    public static async Task<ClientPort> StartAsync(ClientPortOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        KestrelServerOptions kestrel = CreateOptions(options);
        GrpcHealth health = new();
        health.AddTo(options.Grpc);
        new Reflection(options.Grpc).AddTo(options.Grpc);

        CancellationTokenSource draining = new();
        PortCounters counters = new();
        CallRunner runner = new(
            options.Grpc,
            new MessageLimits(options.MaxReceiveBytes),
            counters,
            options.DrainMessage,
            loggerFactory.CreateLogger("Quorate.Grpc"),
            draining.Token);
        SocketTransportFactory transport = new(Options.Create(new SocketTransportOptions { NoDelay = true, Backlog = 4096 }), loggerFactory);
        KestrelServer server = new(Options.Create(kestrel), transport, loggerFactory);
        ClientPort port = new(server, health, counters, draining, options.DrainTimeout);
        try
        {
            await server.StartAsync(new PortApplication(runner, options.Pages ?? NotFound, counters), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await port.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        port.Addresses = [.. server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address.Replace("//*", "//0.0.0.0", StringComparison.Ordinal)))];
        return port;
    }

    /// <summary>
    /// Stops listening, tells health watchers and streams, lets calls end, and cuts what is left after the drain timeout or
    /// when <paramref name="cancellationToken"/> is cancelled.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        Health.Shutdown();
        await _draining.CancelAsync().ConfigureAwait(false);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_drainTimeout);
        await EndStreamsAsync(limit.Token).ConfigureAwait(false);
        await _server.StopAsync(limit.Token).ConfigureAwait(false);
    }

    /// <summary>Stops, if that has not happened yet.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _server.Dispose();
        _draining.Dispose();
    }

    /// <summary>
    /// Waits until the streams have written their last word. Kestrel counts a stream as over just before it writes the end of
    /// it, and closes the connection when it counts none: the last stream would often find its connection gone.
    /// </summary>
    private async Task EndStreamsAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_counters.OpenStreams > 0)
            {
                await Task.Delay(DrainPause, cancellationToken).ConfigureAwait(false);
            }

            await Task.Delay(DrainPause, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A client does not read its stream: its connection is cut with the rest.
        }
    }

    private static KestrelServerOptions CreateOptions(ClientPortOptions options)
    {
        KestrelServerOptions kestrel = new()
        {
            AddServerHeader = false,
            AllowAlternateSchemes = true,
            ApplicationServices = NoServices.Instance,
        };
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxRequestBodySize = null;

        // Streams may be silent for hours: only the pings of keep-alive tell a dead client from a quiet one.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.KeepAliveTimeout = TimeSpan.FromHours(24);
        limits.Http2.KeepAlivePingDelay = options.KeepAlivePingDelay;
        limits.Http2.KeepAlivePingTimeout = options.KeepAlivePingTimeout;
        limits.Http2.MaxStreamsPerConnection = options.MaxCallsPerConnection;
        limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        foreach (Uri url in options.Urls)
        {
            kestrel.Listen(EndPointOf(url), listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.Use(next => PrefaceSniffer.Wrap(next, connection => Watch(connection, options.MaxUnreadBytesPerConnection)));
            });
        }

        return kestrel;
    }

    /// <summary>Bounds what a connection of HTTP/2 may leave unread.</summary>
    private static void Watch(ConnectionContext connection, long maxUnreadBytes)
    {
        var unread = new UnreadAnswers(maxUnreadBytes, () => connection.Abort(new ConnectionAbortedException("The client leaves its answers unread.")));
        connection.Features.Set(unread);
        connection.Transport = new WatchedTransport(connection.Transport, unread);
    }

    private static IPEndPoint EndPointOf(Uri url)
    {
        if (url.Scheme != Uri.UriSchemeHttp)
        {
            throw new ArgumentException($"{url}: only http:// is served; TLS comes in a later release.", nameof(url));
        }

        string host = url.DnsSafeHost;
        IPAddress? address = host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" or "+" => IPAddress.Any,
            _ => IPAddress.TryParse(host, out IPAddress? parsed) ? parsed : null,
        };
        return address is null
            ? throw new ArgumentException($"{url}: listen at an IP address, not at a name.", nameof(url))
            : new IPEndPoint(address, url.Port);
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
