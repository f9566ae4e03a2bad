using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Quorate.Cli.Shell;
using Quorate.Consensus;
using Quorate.Etcd;
using Quorate.Node;
using Quorate.Replica;

namespace Quorate.Cli.Serve;

/// <summary>Runs one node with its doors: the only place where the program and the node meet.</summary>
internal static class NodeHost
{
    /// <summary>
    /// Serves until the token is cancelled, then drains and hands leadership over. Calls <see cref="SystemdNotifier.Ready"/> once clients
    /// can connect.
    /// </summary>
    /// <exception cref="CliException">The node could not start, or had to stop by itself.</exception>
    public static async Task RunAsync(ServeSettings settings, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = CreateLoggers(settings);
        try
        {
            await using QuorateNode node = await QuorateNode.StartAsync(OptionsOf(settings, loggers), cancellationToken).ConfigureAwait(false);
            var doorOptions = new EtcdDoorOptions { ListenClientUrls = [settings.ListenClient] };
            await using EtcdDoor door = await EtcdDoor.StartAsync(node.Group, doorOptions, loggers, cancellationToken).ConfigureAwait(false);
            SystemdNotifier.Ready();
            await Task.WhenAny(node.Ended, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
            if (node.Ended.IsCompleted && await node.Ended.ConfigureAwait(false) is { } failure)
            {
                // What the node relies on is broken: leave at once, so that nothing it cannot vouch for is said on the way out.
                await Console.Error.WriteLineAsync($"quorate: {settings.Name} stops: {failure.Message}").ConfigureAwait(false);
                Environment.Exit(ExitCode.Failed);
            }

            SystemdNotifier.Stopping();
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or FormatException or PlatformNotSupportedException or System.Net.Sockets.SocketException)
        {
            throw new CliException($"{settings.Name} cannot start: {failure.Message}", inner: failure);
        }
    }

    private static QuorateOptions OptionsOf(ServeSettings settings, ILoggerFactory loggers)
    {
        if (settings.Join.Count > 0)
        {
            throw CliException.Usage("--join comes with membership changes, which this release does not have yet; found the cluster with --initial-cluster.");
        }

        if (settings.Protocol != "raft")
        {
            throw CliException.Usage($"--protocol {settings.Protocol} comes with a later release; this one replicates with raft.");
        }

        bool isAlone = settings.InitialCluster.Count <= 1;
        return new QuorateOptions
        {
            Name = settings.Name,
            DataDirectory = settings.DataDirectory,
            ListenPeer = isAlone ? string.Empty : settings.ListenPeer.ToString(),
            AdvertisePeer = settings.AdvertisePeer.ToString(),
            AdvertiseClient = settings.AdvertiseClient.ToString().TrimEnd('/'),
            InitialCluster = isAlone ? [] : settings.InitialCluster.Select(member => new Founder(member.Name, member.Peer.ToString())).ToList(),
            Protocol = ProtocolKind.Raft,
            HeartbeatInterval = TimeSpan.FromMilliseconds(settings.HeartbeatIntervalMs),
            ElectionTimeout = TimeSpan.FromMilliseconds(settings.ElectionTimeoutMs),
            QuotaBackendBytes = settings.QuotaBackendBytes,
            AutoCompactionRetention = settings.AutoCompactionRetention.Time ?? TimeSpan.Zero,
            AutoCompactionRevisions = settings.AutoCompactionRetention.Revisions ?? 0,
            UnsafeNoFlush = settings.UnsafeNoFlush,
            LoggerFactory = loggers,
        };
    }

    private static ILoggerFactory CreateLoggers(ServeSettings settings) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel((LogLevel)settings.LogLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // It warns at every start that HTTP/2 needs TLS, which is not so where clients know beforehand that they speak it.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        if (settings.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(console => console.TimestampFormat = "O");
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff ";
                console.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
            });
        }

        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
