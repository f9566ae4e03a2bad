using System.Diagnostics;
using System.Globalization;
using Quorate.Cli.Serve;

namespace Quorate.Cli.Up;

/// <summary>A node that this program started.</summary>
internal sealed class NodeProcess : IDisposable
{
    /// <summary>.NET reports a death by signal n as exit code 128 + n, as shells do.</summary>
    private const int SignalBase = 128;

    /// <summary>
    /// The log takes both outputs before the runtime starts: the runtime keeps copies of what it finds there, and whoever reads from a pipe
    /// what <c>up --detach</c> says would wait for the end of the nodes.
    /// </summary>
    private const string Shell = "/bin/sh";
    private const string RunWithLog = "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1";

    private readonly Process _process;

    private NodeProcess(ClusterNode node, Process process)
    {
        _process = process;
        Node = node with { Pid = process.Id };
        Exited = WaitAsync();
    }

    public ClusterNode Node { get; }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <param name="program">The executable.</param>
    /// <param name="node">What to start.</param>
    /// <param name="detached">Whether it outlives this program.</param>
    public static async Task<NodeProcess> StartAsync(string program, ClusterNode node, bool detached)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(node.LogFile)!);
        ProcessStartInfo info = new(Shell, ["-c", RunWithLog, Shell, node.LogFile, program, .. node.Args]) { UseShellExecute = false };
        info.Environment[detached ? ChildProcess.DetachedVariable : ChildProcess.ParentVariable] =
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return new NodeProcess(node, await Spawner.StartAsync(info).ConfigureAwait(false));
    }

    /// <summary>How it ended, for people: <c>signal 9</c> or <c>code 1</c>.</summary>
    public static string Describe(int exitCode) => exitCode > SignalBase ? $"signal {exitCode - SignalBase}" : $"code {exitCode}";

    /// <summary>Asks it to stop; harmless when it is gone.</summary>
    public void Terminate()
    {
        if (!Exited.IsCompleted)
        {
            _ = Native.Kill(Node.Pid, Native.SignalTerminate);
        }
    }

    public void Kill()
    {
        if (!Exited.IsCompleted)
        {
            _ = Native.Kill(Node.Pid, Native.SignalKill);
        }
    }

    public void Dispose() => _process.Dispose();

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }
}
