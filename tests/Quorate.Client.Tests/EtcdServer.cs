using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Quorate.Client.Tests;

/// <summary>A real etcd on free loopback ports with a directory of its own, which can be killed and started again.</summary>
internal sealed class EtcdServer : IAsyncDisposable
{
    public const string Program = "/usr/bin/etcd";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private readonly string _directory = Directory.CreateTempSubdirectory("quorate-client-").FullName;
    private readonly int _peerPort;
    private Process? _process;

    private EtcdServer()
    {
        (int client, _peerPort) = FreePorts();
        Url = new Uri($"http://127.0.0.1:{client}");
    }

    public Uri Url { get; }

    /// <summary>The server process.</summary>
    public int Pid => _process!.Id;

    public static async Task<EtcdServer> StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed (apt install etcd-server)");
        EtcdServer server = new();
        await server.RestartAsync(cancellationToken);
        return server;
    }

    public QuorateClient NewClient(params Uri[] others) => new(new QuorateClientOptions { Endpoints = [Url, .. others] });

    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        string peer = $"http://127.0.0.1:{_peerPort}";
        string url = Url.ToString().TrimEnd('/');
        ProcessStartInfo info = new(Program, [
            "--name", "solo", "--data-dir", _directory, "--listen-client-urls", url, "--advertise-client-urls", url,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"solo={peer}", "--log-level", "error",
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(info)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await using QuorateClient client = new(new QuorateClientOptions { Endpoints = [Url], RequestTimeout = StartTimeout });
        await client.GetAsync("ready", null, cancellationToken);
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    public static (int First, int Second) FreePorts()
    {
        using TcpListener first = new(IPAddress.Loopback, 0);
        using TcpListener second = new(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
