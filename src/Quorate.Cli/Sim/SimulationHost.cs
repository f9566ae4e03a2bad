using System.Security.Cryptography;
using Quorate.Cli.Shell;
using Quorate.Simulation;

namespace Quorate.Cli.Sim;

/// <summary>Runs seeds in the simulator: the only place where the program and the simulator meet.</summary>
internal static class SimulationHost
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>The names of the planted bugs, for <c>--plant list</c>.</summary>
    public static IReadOnlyList<string> Plants => Simulation.Simulation.PlantNames;

    /// <returns><see cref="ExitCode.Failed"/> on any violation, a planted one too.</returns>
    /// <exception cref="CliException">There is no such protocol or planted bug.</exception>
    public static async Task<int> RunAsync(SimSettings settings, Terminal terminal, CancellationToken cancellationToken)
    {
        Check(settings);
        SimulationSummary summary = await Task.Run(
            () => SimulationRunner.Run(OptionsOf(settings), ProgressOn(terminal), cancellationToken),
            CancellationToken.None).ConfigureAwait(false);
        if (settings.IsJson)
        {
            terminal.Out.WriteLine(SimReport.Json(summary));
        }
        else
        {
            SimReport.Write(summary, terminal.Out);
        }

        foreach (SimulationFinding finding in summary.Violations)
        {
            (settings.IsJson ? terminal.Error : terminal.Out).WriteLine(finding.Describe());
        }

        cancellationToken.ThrowIfCancellationRequested();
        return summary.Violations.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    private static void Check(SimSettings settings)
    {
        if (settings.Protocol != "raft")
        {
            throw CliException.Usage($"--protocol {settings.Protocol} comes with a later release; this one simulates raft.");
        }

        if (settings.HtmlFile is not null)
        {
            throw CliException.Usage("--html comes with a later release.");
        }

        if (settings.Plant is { } plant && !Plants.Contains(plant))
        {
            throw CliException.Usage($"there is no planted bug '{plant}'; './quorate sim --plant list' prints their names");
        }
    }

    private static SimulationOptions OptionsOf(SimSettings settings) => new()
    {
        From = settings.FirstSeed ?? BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)),
        Seeds = settings.Seeds ?? int.MaxValue,
        Minutes = settings.Duration?.TotalMinutes,
        Nodes = settings.Nodes,
        Plant = settings.Plant,
    };

    private static Action<SimulationProgress>? ProgressOn(Terminal terminal)
    {
        if (!terminal.ErrorIsTerminal)
        {
            return null;
        }

        TimeSpan told = TimeSpan.Zero;
        return progress =>
        {
            if (progress.Elapsed - told >= ProgressInterval)
            {
                told = progress.Elapsed;
                double seconds = progress.Elapsed.TotalSeconds;
                terminal.Error.Write($"\r{progress.Seeds} seeds, {progress.Seeds / seconds:0} a second, {progress.Events / seconds / 1000:0}k events a second ");
            }
        };
    }
}
