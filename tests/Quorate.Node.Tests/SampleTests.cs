using System.Diagnostics;

namespace Quorate.Node.Tests;

public sealed class SampleTests
{
    [Fact]
    public async Task The_embedded_sample_counts_its_runs()
    {
        string directory = Directory.CreateTempSubdirectory("quorate-sample-").FullName;
        try
        {
            Assert.Equal("run 1, durable at revision 2", await RunAsync(directory));
            Assert.Equal("run 2, durable at revision 3", await RunAsync(directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string directory)
    {
        string configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        string sample = Path.Combine(AppContext.BaseDirectory, "..", "..", "Embedded", configuration, "Embedded.dll");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [sample, directory]) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
