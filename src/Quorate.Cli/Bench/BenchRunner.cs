using Quorate.Cli.Shell;
using Quorate.Client;
using Spectre.Console;

namespace Quorate.Cli.Bench;

/// <summary>Runs a load on a thread of its own and shows how far it is.</summary>
internal static class BenchRunner
{
    private static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RefreshPause = TimeSpan.FromMilliseconds(200);

    public static async Task<BenchReport> RunAsync(BenchSettings settings, Terminal terminal, CancellationToken stop)
    {
        if (settings.IsLeaderOnly)
        {
            settings = settings with { Endpoints = [await FindLeaderAsync(settings.Endpoints, stop).ConfigureAwait(false)] };
        }

        LoadProgress progress = new();
        Task<BenchReport> running = Task.Factory.StartNew(
            () =>
            {
                using LoadRun run = new(settings, progress);
                return run.Run(stop);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        if (terminal.ErrorIsTerminal)
        {
            await ShowAsync(terminal, progress, running).ConfigureAwait(false);
        }

        return await running.ConfigureAwait(false);
    }

    private static async Task<Uri> FindLeaderAsync(IReadOnlyList<Uri> endpoints, CancellationToken stop)
    {
        await using QuorateClient client = ClientOptions.Connect(endpoints, StatusTimeout);
        foreach (Uri endpoint in endpoints)
        {
            try
            {
                if ((await client.StatusAsync(endpoint, StatusTimeout, stop).ConfigureAwait(false)).IsLeader)
                {
                    return endpoint;
                }
            }
            catch (QuorateException exception) when (exception.IsTransient)
            {
                // The leader may be behind another one.
            }
        }

        throw new CliException($"none of {string.Join(", ", endpoints)} leads; name every client URL of the cluster", ExitCode.Unreachable);
    }

    private static async Task ShowAsync(Terminal terminal, LoadProgress progress, Task running) =>
        await terminal.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask(progress.Phase, maxValue: 1);
                while (!running.IsCompleted)
                {
                    bar.Description = $"{progress.Phase}: {progress.Done:n0} done, {progress.Errors:n0} failed";
                    bar.Value = Math.Clamp(progress.Fraction, 0, 1);
                    await Task.WhenAny(running, Task.Delay(RefreshPause)).ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
}
