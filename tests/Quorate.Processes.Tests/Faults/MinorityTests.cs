using System.Text.RegularExpressions;
using Google.Protobuf;
using Quorate.Client;
using Quorate.Etcd.Contract;
using Quorate.Grpc;
using Quorate.Processes.Tests.Harness;

namespace Quorate.Processes.Tests.Faults;

/// <summary>A node that is left alone: it must not pretend.</summary>
public sealed class MinorityTests
{
    private const string Refusal = "^etcdserver: (request timed out|no leader)";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_node_of_a_minority_refuses_writes_and_fresh_reads_serves_old_ones_and_recovers()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, TestCluster.Quick);
        TestNode alone = cluster.Nodes[1];
        await using QuorateClient client = alone.NewClient(15);
        await client.PutPatientlyAsync("k", "1");
        await cluster.Nodes[0].KillAsync();
        await cluster.Nodes[2].KillAsync();

        await TestRun.UntilAsync(
            () => Task.FromResult(Regex.IsMatch(alone.Process.Output, @"No leader for .*: more than half of n1 \(.*\), n2 \(.*\), n3 \(.*\) must run and reach each other")),
            30,
            () => $"the node says what it lacks; it said: {alone.Process.Output}");

        // One attempt each: the client would ask again for as long as it may.
        await using var channel = new GrpcChannel(alone.Url);
        ByteString key = ByteString.CopyFromUtf8("k");
        Task<RpcException> write = Assert.ThrowsAsync<RpcException>(async () => await channel.UnaryAsync(
            EtcdMethods.Put, new PutRequest { Key = ByteString.CopyFromUtf8("refused"), Value = key }, PutResponse.Parser, deadline: Patience, cancellationToken: TestRun.Token));
        Task<RpcException> read = Assert.ThrowsAsync<RpcException>(async () => await channel.UnaryAsync(
            EtcdMethods.Range, new RangeRequest { Key = key }, RangeResponse.Parser, deadline: Patience, cancellationToken: TestRun.Token));
        Assert.Matches(Refusal, (await write).Message);
        Assert.Matches(Refusal, (await read).Message);
        Assert.Equal("1", (await client.GetAsync("k", new RangeOptions { IsSerializable = true }))?.ValueText);

        await cluster.Nodes[0].StartAsync();
        await alone.ReadyAsync();
        await client.PutPatientlyAsync("k", "3");
        Assert.Equal("3", (await client.GetAsync("k"))?.ValueText);
    }
}
