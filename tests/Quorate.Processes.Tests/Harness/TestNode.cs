using System.Globalization;
using Quorate.Client;

namespace Quorate.Processes.Tests.Harness;

/// <summary>One <c>quorate serve</c> with its ports and its directory, started and killed at will.</summary>
internal sealed class TestNode(string name, string dataDirectory, int clientPort, int peerPort) : IAsyncDisposable
{
    private Child? _child;

    public string Name { get; } = name;

    public string DataDirectory { get; set; } = dataDirectory;

    public int ClientPort { get; } = clientPort;

    public int PeerPort { get; } = peerPort;

    public Uri Url { get; } = new($"http://127.0.0.1:{clientPort}");

    public IReadOnlyList<string> Options { get; set; } = [];

    /// <summary>Every founder with its address; empty for a node alone.</summary>
    public string InitialCluster { get; set; } = "";

    /// <summary>Variables it starts with, besides those of the tests.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; set; }

    public bool IsRunning => _child is { HasExited: false };

    public Child Process => _child ?? throw new InvalidOperationException($"{Name} was never started");

    /// <summary>What it takes of the machine's memory.</summary>
    public long MemoryMegabytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{Process.Pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
    }

    /// <summary>What its files take, in mebibytes.</summary>
    public long DiskMebibytes
    {
        get
        {
            while (true)
            {
                try
                {
                    return new DirectoryInfo(DataDirectory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) >> 20;
                }
                catch (FileNotFoundException)
                {
                    // It was deleted or renamed just now: once more.
                }
            }
        }
    }

    public async Task StartAsync()
    {
        if (_child is not null)
        {
            await _child.DisposeAsync();
        }

        string[] cluster = InitialCluster.Length == 0 ? [] : ["--initial-cluster", InitialCluster];
        _child = await Child.StartAsync(
            TestRun.Program,
            [
                "serve", "--name", Name, "--data-dir", DataDirectory, "--listen-client", Url.ToString(),
                "--listen-peer", $"127.0.0.1:{PeerPort}", .. cluster, .. Options,
            ],
            null,
            Environment);
    }

    public async Task KillAsync()
    {
        Process.Signal(Child.Kill);
        await Process.ExitAsync(20);
    }

    /// <summary>Waits until it answers a linearizable read; says why not if it does not.</summary>
    public async Task ReadyAsync(double patienceSeconds = 40)
    {
        await using QuorateClient client = NewClient(5);
        await TestRun.UntilAsync(
            async () =>
            {
                Assert.True(IsRunning, $"{Name} ended: {Process.Output}");
                return await IsAnsweringAsync(client);
            },
            patienceSeconds,
            () => $"{Name} serves; it said: {Process.Output}");
    }

    public QuorateClient NewClient(double timeoutSeconds = 10) => Connect(timeoutSeconds, Url);

    public static QuorateClient Connect(double timeoutSeconds, params Uri[] endpoints) => new(new QuorateClientOptions
    {
        Endpoints = endpoints,
        RequestTimeout = TimeSpan.FromSeconds(timeoutSeconds),
        ReadAttemptTimeout = TimeSpan.FromSeconds(timeoutSeconds),
        LongestBackOff = TimeSpan.FromMilliseconds(200),
    });

    public async ValueTask DisposeAsync()
    {
        if (_child is not null)
        {
            await _child.DisposeAsync();
        }
    }

    private static async Task<bool> IsAnsweringAsync(QuorateClient client)
    {
        try
        {
            await client.GetAsync("\0", cancellationToken: TestRun.Token);
            return true;
        }
        catch (QuorateException failure) when (failure.IsTransient)
        {
            return false;
        }
    }
}
