using System.Net;
using System.Net.Sockets;
using Quorate.Consensus;
using Quorate.Replica;

namespace Quorate.Node.Tests;

/// <summary>Real nodes with real disks and sockets, in this process, in a directory of their own.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("quorate-test-").FullName;
    private readonly List<Founder> _founders = [];
    private readonly QuorateNode?[] _nodes;

    private TestCluster(int count)
    {
        _nodes = new QuorateNode?[count];
        for (int i = 0; i < count; i++)
        {
            _founders.Add(new Founder($"n{i + 1}", $"127.0.0.1:{FreePort()}"));
        }
    }

    public IReadOnlyList<QuorateNode> Nodes => _nodes.Where(node => node is not null).ToList()!;

    public static async Task<TestCluster> StartAsync(int count)
    {
        var cluster = new TestCluster(count);
        for (int i = 0; i < count; i++)
        {
            await cluster.StartNodeAsync(i);
        }

        return cluster;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public QuorateOptions OptionsOf(int index) => new()
    {
        Name = _founders[index].Name,
        DataDirectory = Path.Combine(_directory, _founders[index].Name),
        ListenPeer = _nodes.Length > 1 ? _founders[index].PeerAddress : string.Empty,
        InitialCluster = _nodes.Length > 1 ? _founders : [],
        HeartbeatInterval = TimeSpan.FromMilliseconds(50),
        ElectionTimeout = TimeSpan.FromMilliseconds(500),
        SegmentBytes = 256 << 10,
        SnapshotAfterLogBytes = 256 << 10,
        LogBytesInMemory = 64 << 10,
    };

    public async Task<QuorateNode> StartNodeAsync(int index) => _nodes[index] = await QuorateNode.StartAsync(OptionsOf(index));

    public async Task StopNodeAsync(int index)
    {
        await _nodes[index]!.DisposeAsync();
        _nodes[index] = null;
    }

    public async Task<int> LeaderAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            for (int i = 0; i < _nodes.Length; i++)
            {
                if (_nodes[i]?.Group.Status.Role == Role.Leader)
                {
                    return i;
                }
            }

            await Task.Delay(5, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));
        Directory.Delete(_directory, recursive: true);
    }
}
