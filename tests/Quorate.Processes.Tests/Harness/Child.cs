using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Quorate.Processes.Tests.Harness;

/// <summary>
/// A process that this one started and that never outlives it: <c>setpriv</c> has the kernel kill it when the thread that started it dies,
/// which is why one thread that lives as long as the tests starts them all.
/// </summary>
internal sealed partial class Child : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
    private const string Setpriv = "/usr/bin/setpriv";
    private static readonly BlockingCollection<Action> Starts = new(boundedCapacity: 64);
    private static readonly Dictionary<string, string> EmptyEnvironment = [];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _read;
    private bool _isDisposed;

    static Child()
    {
        new Thread(() =>
        {
            foreach (Action start in Starts.GetConsumingEnumerable())
            {
                start();
            }
        })
        { IsBackground = true, Name = "spawner" }.Start();
    }

    private Child(Process process)
    {
        _process = process;
        _read = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public int Pid => _process.Id;

    public bool HasExited => _isDisposed || _process.HasExited;

    /// <summary>128 + n after a death by signal n.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it has said so far on both outputs.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static Task<Child> StartAsync(string program, params string[] arguments) => StartAsync(program, arguments, null);

    public static async Task<Child> StartAsync(
        string program, IReadOnlyList<string> arguments, string? input, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo info = new(Setpriv, ["--pdeathsig", "KILL", program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        info.Environment["DOTNET_ROOT"] = TestRun.DotnetRoot;
        info.Environment["ETCDCTL_API"] = "3";
        foreach ((string name, string value) in environment ?? EmptyEnvironment)
        {
            info.Environment[name] = value;
        }

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(info)!);
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        Process process = await started.Task;
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        return new Child(process);
    }

    /// <summary>Whether both outputs were closed, by it and by everything it left behind, within this time.</summary>
    public async Task<bool> HasClosedOutputsAsync(double patienceSeconds) =>
        await Task.WhenAny(_read, Task.Delay(TimeSpan.FromSeconds(patienceSeconds), TestRun.Token)) == _read;

    /// <summary>Runs a tool to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string program, IReadOnlyList<string> arguments, string? input = null, double patienceSeconds = 40)
    {
        await using Child child = await StartAsync(program, arguments, input);
        int code = await child.ExitAsync(patienceSeconds);
        return (code, child.Output);
    }

    public static void Send(int pid, int signal) => _ = SendSignal(pid, signal);

    public void Signal(int signal)
    {
        if (!HasExited)
        {
            Send(Pid, signal);
        }
    }

    /// <summary>Waits for its end and for the last of its words.</summary>
    public async Task<int> ExitAsync(double patienceSeconds)
    {
        try
        {
            await _process.WaitForExitAsync(TestRun.Token).WaitAsync(TimeSpan.FromSeconds(patienceSeconds), TestRun.Token);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{_process.StartInfo.Arguments} {string.Join(' ', _process.StartInfo.ArgumentList)} did not end within {patienceSeconds} s; it said: {Output}");
        }

        // A grandchild may hold the pipe open; what matters has been said by then.
        await Task.WhenAny(_read, Task.Delay(2000));
        return ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        Signal(Kill);
        _isDisposed = true;
        await _process.WaitForExitAsync(CancellationToken.None);
        await Task.WhenAny(_read, Task.Delay(2000));
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);

    private async Task ReadAsync(StreamReader reader)
    {
        char[] buffer = new char[4096];
        for (int count; (count = await reader.ReadAsync(buffer)) > 0;)
        {
            lock (_output)
            {
                _output.Append(buffer, 0, count);
            }
        }
    }
}
