using System.CommandLine;
using System.Diagnostics;
using Quorate.Cli.Serve;
using Quorate.Cli.Shell;
using Quorate.Cli.Up;

namespace Quorate.Cli.Commands;

internal static class DownCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Command Create(Terminal terminal)
    {
        Option<string?> directory = UpCommand.DataDirectoryOption();
        Option<int> patience = LayeredOption.Integer("--wait-seconds", "How long the nodes may take to stop.", 30, 1, 3600, "S");
        Command command = new("down", "Stops the cluster that 'quorate up' started with this directory; its data stays. Nothing to stop is fine.")
        {
            directory, patience,
        };
        command.SetRun(terminal, async (result, stop) =>
        {
            string path = Path.GetFullPath(result.GetValue(directory)!);
            List<ClusterNode> running = [.. (ClusterFile.Read(path)?.Nodes ?? []).Where(ProcessIdentity.IsRunning)];
            if (running.Count == 0)
            {
                terminal.Say($"nothing runs in {path}");
                return ExitCode.Done;
            }

            string names = string.Join(", ", running.Select(node => node.Name));
            foreach (ClusterNode node in running)
            {
                _ = Native.Kill(node.Pid, Native.SignalTerminate);
            }

            await WaitAsync(running, TimeSpan.FromSeconds(result.GetValue(patience)), stop).ConfigureAwait(false);
            terminal.Say($"stopped {names}");
            return ExitCode.Done;
        });
        return command.WithExamples("./quorate down", "./quorate down --data-dir /tmp/five");
    }

    private static async Task WaitAsync(List<ClusterNode> running, TimeSpan patience, CancellationToken stop)
    {
        long startedAt = Stopwatch.GetTimestamp();
        while (running.Count > 0)
        {
            running.RemoveAll(node => !ProcessIdentity.IsRunning(node));
            if (running.Count > 0 && Stopwatch.GetElapsedTime(startedAt) > patience)
            {
                string left = string.Join(", ", running.Select(node => $"{node.Name} (pid {node.Pid})"));
                throw new CliException($"{left} did not stop within {patience.TotalSeconds:0} s of SIGTERM; 'kill -9 {string.Join(' ', running.Select(node => node.Pid))}' ends them");
            }

            await Task.Delay(Pause, stop).ConfigureAwait(false);
        }
    }
}
