using System.Diagnostics;

namespace Quorate.Etcd.Tests;

/// <summary>A program of the system that talks to the door; killed with everything it started when it is let go.</summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ToolProcess(Process process) => _process = process;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Skips the running test when the program is not installed.</summary>
    public static void Require(string path, string package)
    {
        if (!File.Exists(path))
        {
            Assert.Skip($"{path} is not installed (Debian: {package}).");
        }
    }

    public static ToolProcess Start(string path, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(path) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ETCDCTL_API"] = "3";
        return new ToolProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string path, IEnumerable<string> arguments, string input = "")
    {
        await using ToolProcess tool = Start(path, arguments);
        return await tool.FinishAsync(input);
    }

    /// <summary>Asks it to end, as a terminal does.</summary>
    public void Interrupt() => Process.Start("/bin/kill", ["-INT", _process.Id.ToString()]).Dispose();

    public async Task<(int Code, string Output, string Error)> FinishAsync(string input = "")
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await _process.StandardInput.WriteAsync(input);
        _process.StandardInput.Close();
        Task<string> output = _process.StandardOutput.ReadToEndAsync(token);
        Task<string> error = _process.StandardError.ReadToEndAsync(token);
        await _process.WaitForExitAsync(token).WaitAsync(TimeSpan.FromSeconds(60), token);
        return (_process.ExitCode, await output, await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }
}
