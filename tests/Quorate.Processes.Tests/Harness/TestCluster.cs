using Quorate.Client;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Processes.Tests.Harness;

/// <summary>Nodes of one cluster in one temporary directory; whatever happens, none of them is left behind.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    /// <summary>Elections within a third of a second, so that ten of them fit into a test.</summary>
    public static readonly IReadOnlyList<string> Quick = ["--heartbeat-interval-ms", "50", "--election-timeout-ms", "400"];

    private readonly string _directory = TestRun.NewDirectory();

    private TestCluster(int count, string? root, IReadOnlyList<string> options)
    {
        Nodes = [.. Enumerable.Range(1, count).Select(k => new TestNode($"n{k}", Path.Combine(root ?? _directory, $"n{k}"), TestRun.NewPort(), TestRun.NewPort()))];
        foreach (TestNode node in Nodes)
        {
            node.Options = options;
            node.InitialCluster = count == 1 ? "" : string.Join(',', Nodes.Select(one => $"{one.Name}=127.0.0.1:{one.PeerPort}"));
        }
    }

    public IReadOnlyList<TestNode> Nodes { get; }

    public string Endpoints => string.Join(',', Nodes.Select(node => node.Url.Authority));

    /// <summary>Lays nodes out without starting them.</summary>
    public static TestCluster Plan(int count, string? root, params IReadOnlyList<string> options) => new(count, root, options);

    /// <summary>Starts nodes and waits until each serves.</summary>
    public static async Task<TestCluster> StartAsync(int count, params IReadOnlyList<string> options)
    {
        var cluster = new TestCluster(count, null, options);
        try
        {
            await cluster.StartAllAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task StartAllAsync()
    {
        foreach (TestNode node in Nodes)
        {
            await node.StartAsync();
        }

        foreach (TestNode node in Nodes)
        {
            await node.ReadyAsync();
        }
    }

    public QuorateClient NewClient(double timeoutSeconds = 10) => TestNode.Connect(timeoutSeconds, [.. Nodes.Select(node => node.Url)]);

    /// <summary>Asks every running node who leads, until one says that it does itself.</summary>
    public async Task<(TestNode Node, ulong Term)> LeaderAsync(double patienceSeconds = 20, ulong termAbove = 0)
    {
        (TestNode Node, ulong Term)? found = null;
        await using QuorateClient client = NewClient();
        await TestRun.UntilAsync(
            async () =>
            {
                foreach (TestNode node in Nodes.Where(node => node.IsRunning))
                {
                    if (await StatusAsync(client, node) is { IsLeader: true } status && status.Term > termAbove)
                    {
                        found = (node, status.Term);
                    }
                }

                return found is not null;
            },
            patienceSeconds,
            () => $"a leader of a term above {termAbove}; {string.Join('\n', Nodes.Select(node => $"{node.Name}: {node.Process.Output}"))}");
        return found!.Value;
    }

    /// <summary>Has a node lead, by moving the office to it.</summary>
    public async Task LeadAsync(TestNode wanted)
    {
        await using QuorateClient client = NewClient();
        await TestRun.UntilAsync(
            async () =>
            {
                (TestNode leader, _) = await LeaderAsync();
                if (leader == wanted)
                {
                    return true;
                }

                if (await StatusAsync(client, wanted) is { } status)
                {
                    await MoveLeaderAsync(leader, status.MemberId);
                }

                return false;
            },
            30,
            () => $"{wanted.Name} leads");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestNode node in Nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static async Task MoveLeaderAsync(TestNode leader, ulong target)
    {
        await using var channel = new GrpcChannel(leader.Url);
        try
        {
            await channel.UnaryAsync(
                EtcdMethods.MaintenanceMoveLeader, new MoveLeaderRequest { TargetID = target }, MoveLeaderResponse.Parser,
                deadline: TimeSpan.FromSeconds(5), cancellationToken: TestRun.Token);
        }
        catch (RpcException)
        {
            // It does not lead any more, or the other cannot yet: whoever asked looks and asks again.
        }
    }

    private static async Task<EndpointStatus?> StatusAsync(QuorateClient client, TestNode node)
    {
        try
        {
            return await client.StatusAsync(node.Url, TimeSpan.FromSeconds(1), TestRun.Token);
        }
        catch (QuorateException)
        {
            return null;
        }
    }
}
