using System.Diagnostics;
using System.Globalization;

namespace Quorate.Simulation.Tests;

/// <summary>The seed decides everything: the same run again, in this process and in another, is the same to the last byte.</summary>
public sealed class DeterminismTests
{
    private const string FileVariable = "QUORATE_SIMULATION_HASHES";
    private const ulong First = 500;
    private const int Seeds = 24;

    [Fact]
    public void A_seed_run_twice_is_the_same_run()
    {
        string[] hashes = Hashes();
        Assert.Equal(hashes, Hashes());
        Assert.Equal(Seeds, hashes.Distinct().Count());

        // The other process runs this very test, and leaves its hashes where it is told to.
        if (Environment.GetEnvironmentVariable(FileVariable) is { } file)
        {
            File.WriteAllLines(file, hashes);
        }
    }

    [Fact]
    public async Task A_seed_run_in_another_process_is_the_same_run()
    {
        string file = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.ArgumentList.Add("-method");
            start.ArgumentList.Add($"{typeof(DeterminismTests).FullName}.{nameof(A_seed_run_twice_is_the_same_run)}");
            start.Environment[FileVariable] = file;
            using Process process = Process.Start(start)!;
            string[] output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, string.Concat(output));
            Assert.Equal(Hashes(), File.ReadAllLines(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string[] Hashes()
    {
        var hashes = new List<string>();
        for (ulong seed = First; seed < First + Seeds; seed++)
        {
            SimulationResult result = new Simulation(seed).Run();
            hashes.Add(string.Create(CultureInfo.InvariantCulture, $"{seed} {result.TraceHash:x16} {result.Events} {result.Completed}"));
        }

        return [.. hashes];
    }
}
