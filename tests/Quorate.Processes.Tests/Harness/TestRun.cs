[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Quorate.Processes.Tests.Harness;

/// <summary>What all tests share: the program, temporary directories, free ports and waits that end.</summary>
internal static class TestRun
{
    private const int FirstPort = 20_000;
    private const int PastLastPort = 32_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private static int _nextPort = FirstPort + (Environment.ProcessId * 61 % (PastLastPort - FirstPort - 1000));

    /// <summary>The program that was built along with these tests, in the same configuration.</summary>
    public static string Program { get; } = FindProgram();

    /// <summary>The program's launcher looks for the runtime here; it is the one these tests run on.</summary>
    public static string DotnetRoot { get; } =
        Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Ports below those the system hands out for outgoing connections, so that a node finds its own again after a restart.</summary>
    public static int NewPort()
    {
        while (true)
        {
            int port = Interlocked.Increment(ref _nextPort);
            if (port >= PastLastPort)
            {
                Interlocked.Exchange(ref _nextPort, FirstPort);
                continue;
            }

            try
            {
                using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Taken: the next one may be free.
            }
        }
    }

    public static string NewDirectory() => Directory.CreateTempSubdirectory("quorate-processes-").FullName;

    public static Task UntilAsync(Func<bool> holds, double patienceSeconds, string what) =>
        UntilAsync(() => Task.FromResult(holds()), patienceSeconds, () => what);

    /// <summary>Waits until something holds; fails with what was waited for when it does not in time.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, double patienceSeconds, Func<string> what)
    {
        long begin = Environment.TickCount64;
        while (!await holds())
        {
            if (Environment.TickCount64 - begin >= patienceSeconds * 1000)
            {
                Assert.Fail($"not within {patienceSeconds} s: {what()}");
            }

            await Task.Delay(Pause, Token);
        }
    }

    private static string FindProgram()
    {
        string own = AppContext.BaseDirectory.TrimEnd('/');
        string path = Path.GetFullPath(Path.Combine(own, "..", "..", "..", "publish", "Quorate.Cli", Path.GetFileName(own), "quorate"));
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not there: build the solution first");
    }
}
