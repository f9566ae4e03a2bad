using System.CommandLine;
using System.Net;
using Quorate.Cli.Serve;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Commands;

internal static class ServeCommand
{
    public static Command Create(Terminal terminal)
    {
        ServeOptions options = new();
        Command command = new("serve", "Runs one node; alone, it is a durable single-node cluster on 127.0.0.1:2379.");
        options.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            ServeSettings settings = options.Read(result);
            Platform.Check();
            WarnOfExposure(settings, terminal);
            StartWithFewThreads();
            await NodeHost.RunAsync(settings, stop).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command.WithExamples(
            "./quorate serve",
            "./quorate serve --name n1 --data-dir /var/lib/quorate --listen-client http://0.0.0.0:2379 --listen-peer 0.0.0.0:2380 \\",
            "    --advertise-client http://10.0.0.1:2379 --advertise-peer 10.0.0.1:2380 \\",
            "    --initial-cluster n1=10.0.0.1:2380,n2=10.0.0.2:2380,n3=10.0.0.3:2380",
            "QUORATE_LOG_LEVEL=debug ./quorate serve --config quorate.json");
    }

    /// <summary>
    /// The pool wakes a second thread for every piece of work that finds it asleep, up to this number; most of what a lone request
    /// costs is threads that wake for nothing. Under load the pool grows by itself.
    /// </summary>
    private static void StartWithFewThreads() => ThreadPool.SetMinThreads(Math.Max(1, Environment.ProcessorCount / 4), 1);

    private static void WarnOfExposure(ServeSettings settings, Terminal terminal)
    {
        if (settings.ListenClient.Scheme == "http" && !IsLoopback(settings.ListenClient.Host))
        {
            terminal.Warn($"clients speak plain text to {settings.ListenClient}, which is reachable from other machines: anyone there can read and write everything");
        }

        if (!IsLoopback(settings.ListenPeer.Host))
        {
            terminal.Warn($"the other nodes speak plain text to {settings.ListenPeer}, which is reachable from other machines");
        }

        if (settings.UnsafeNoFlush)
        {
            terminal.Warn("--unsafe-no-flush: a power cut loses acknowledged writes");
        }
    }

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
