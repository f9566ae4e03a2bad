using Quorate.Cli.Shell;

namespace Quorate.Cli.Sim;

/// <summary>Runs seeds in the simulator: the only place where the program and the simulator meet.</summary>
internal static class SimulationHost
{
    /// <summary>The names of the planted bugs, for <c>--plant list</c>.</summary>
    public static IReadOnlyList<string> Plants => throw new NotImplementedException("SimulationHost.Plants: the simulator is not wired in yet.");

    /// <returns><see cref="ExitCode.Failed"/> on any violation, a planted one too.</returns>
    public static Task<int> RunAsync(SimSettings settings, Terminal terminal, CancellationToken cancellationToken) =>
        throw new NotImplementedException("SimulationHost.RunAsync: the simulator is not wired in yet.");
}
