using System.Diagnostics;
using Quorate.Cli.Shell;
using Quorate.Cli.Up;
using Quorate.Client.Tests;

namespace Quorate.Cli.Tests;

/// <summary>The program itself, as a process, with real nodes.</summary>
public sealed class UpTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly string _directory = Directory.CreateTempSubdirectory("quorate-up-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Program => Path.Combine(AppContext.BaseDirectory, "quorate");

    public void Dispose()
    {
        foreach (ClusterNode node in (ClusterFile.Read(_directory)?.Nodes ?? []).Where(ProcessIdentity.IsRunning))
        {
            Process.GetProcessById(node.Pid).Kill();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private string[] Up(params string[] more)
    {
        (int client, int peer) = EtcdServer.FreePorts();
        return ["up", "--nodes", "1", "--data-dir", _directory, "--client-port", $"{client}", "--peer-port", $"{peer}", .. more];
    }

    private static Process Start(string[] arguments) =>
        Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static async Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limited.CancelAfter(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limited.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(limited.Token);
        await process.WaitForExitAsync(limited.Token);
        return (process.ExitCode, await output, await error);
    }

    private ClusterNode Node => ClusterFile.Read(_directory)!.Nodes[0];

    [Fact]
    public async Task A_detached_node_serves_goes_on_alone_keeps_its_data_and_is_stopped_by_down()
    {
        // Reading to the end of the pipes shows that the node holds neither of them.
        (int code, string output, string error) = await RunAsync(Up("--detach"));
        Assert.True(code == ExitCode.Done, error);
        Assert.Equal("ready\n", output);
        Assert.Contains(Node.ClientUrl, error, StringComparison.Ordinal);
        Assert.True(ProcessIdentity.IsRunning(Node));
        await RunAsync("put", "k", "v", "--endpoints", Node.ClientUrl);

        (int again, _, string running) = await RunAsync("up", "--data-dir", _directory, "--detach");
        Assert.Equal(ExitCode.Failed, again);
        Assert.Contains($"n1 (pid {Node.Pid})", running, StringComparison.Ordinal);

        Process.GetProcessById(Node.Pid).Kill();
        await Waiting.UntilAsync(() => Task.FromResult(!ProcessIdentity.IsRunning(Node)), Patience, Token);
        string idBefore = Node.Id;
        Assert.Equal((ExitCode.Done, "ready\n"), await OutcomeAsync("up", "--data-dir", _directory, "--only", "n1", "--detach"));
        Assert.Equal(idBefore, Node.Id);
        Assert.Equal((ExitCode.Done, "k\nv\n"), await OutcomeAsync("get", "k", "--endpoints", Node.ClientUrl));

        Assert.Equal((ExitCode.Done, ""), await OutcomeAsync("down", "--data-dir", _directory));
        Assert.False(ProcessIdentity.IsRunning(Node));
    }

    [Fact]
    public async Task A_node_in_the_foreground_dies_with_up_even_when_that_is_killed()
    {
        using Process up = Start(Up());
        Assert.Equal("ready", await up.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(Patience, Token));
        bool wasRunning = ProcessIdentity.IsRunning(Node);
        up.Kill();
        await up.WaitForExitAsync(Token);
        await Waiting.UntilAsync(() => Task.FromResult(!ProcessIdentity.IsRunning(Node)), Patience, Token);
        Assert.True(wasRunning);
    }

    private static async Task<(int Code, string Out)> OutcomeAsync(params string[] arguments)
    {
        (int code, string output, _) = await RunAsync(arguments);
        return (code, output);
    }
}
