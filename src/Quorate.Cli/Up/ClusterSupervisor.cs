using Quorate.Cli.Shell;

namespace Quorate.Cli.Up;

/// <summary>Stays with the nodes of a foreground <c>up</c>: reports each that dies, and stops all when asked to.</summary>
internal static class ClusterSupervisor
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Terminal terminal, IReadOnlyList<NodeProcess> processes, CancellationToken stop)
    {
        List<NodeProcess> running = [.. processes];
        bool allDone = true;
        Task stopped = Task.Delay(Timeout.Infinite, stop);
        while (running.Count > 0)
        {
            Task first = await Task.WhenAny([stopped, .. running.Select(process => process.Exited)]).ConfigureAwait(false);
            foreach (NodeProcess dead in running.Where(process => process.Exited.IsCompleted).ToArray())
            {
                int code = await dead.Exited.ConfigureAwait(false);
                terminal.Say($"{dead.Node.Name} exited ({NodeProcess.Describe(code)})");
                allDone &= code == ExitCode.Done;
                running.Remove(dead);
            }

            if (first == stopped)
            {
                IReadOnlyList<string> killed = await ClusterStart.StopAsync(running).ConfigureAwait(false);
                foreach (string name in killed)
                {
                    terminal.Warn($"{name} did not stop when asked to and was killed");
                }

                return ExitCode.Interrupted;
            }
        }

        terminal.Say("no node runs any more");
        return allDone ? ExitCode.Done : ExitCode.Failed;
    }
}
