using System.Text;
using Quorate.State;

namespace Quorate.Node.Tests;

public sealed class NodeTests
{
    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Fact]
    public async Task A_single_node_remembers_what_it_acknowledged()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        for (int i = 0; i < 100; i++)
        {
            await PutAsync(cluster.Nodes[0], $"k{i}", $"v{i}");
        }

        await cluster.StopNodeAsync(0);
        await cluster.StartNodeAsync(0);
        StateVersion state = await cluster.Nodes[0].Group.ReadAsync(Limit);
        Assert.Equal(101, state.Revision);
        Assert.Equal("v42", Get(state, "k42"));
    }

    [Fact]
    public async Task Three_nodes_agree_whoever_is_asked()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        for (int i = 0; i < 60; i++)
        {
            await PutAsync(cluster.Nodes[i % 3], "k", $"v{i}");
            StateVersion state = await cluster.Nodes[(i + 1) % 3].Group.ReadAsync(Limit);
            Assert.Equal($"v{i}", Get(state, "k"));
        }
    }

    [Fact]
    public async Task Many_writes_at_once_through_every_node_are_all_there()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        await Task.WhenAll(Enumerable.Range(0, 3000).Select(i => PutAsync(cluster.Nodes[i % 3], $"k{i}", $"v{i}")));
        foreach (QuorateNode node in cluster.Nodes)
        {
            StateVersion state = await node.Group.ReadAsync(Limit);
            Assert.Equal(3001, state.Revision);
            Assert.Equal("v2999", Get(state, "k2999"));
        }
    }

    [Fact]
    public async Task The_cluster_goes_on_when_its_leader_stops_and_takes_it_back()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        await PutAsync(cluster.Nodes[0], "before", "1");
        int leader = await cluster.LeaderAsync(Limit);
        await cluster.StopNodeAsync(leader);
        await PutAsync(cluster.Nodes[0], "meanwhile", "2");
        QuorateNode back = await cluster.StartNodeAsync(leader);
        StateVersion state = await back.Group.ReadAsync(Limit);
        Assert.Equal("1", Get(state, "before"));
        Assert.Equal("2", Get(state, "meanwhile"));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(3000)]
    public async Task A_node_that_was_away_catches_up_from_the_log_or_a_snapshot(int writes)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        await PutAsync(cluster.Nodes[0], "first", "1");
        await cluster.StopNodeAsync(2);
        string value = new('x', 500);
        for (int i = 0; i < writes; i += 50)
        {
            await Task.WhenAll(Enumerable.Range(i, 50).Select(k => PutAsync(cluster.Nodes[k % 2], $"k{k}", value)));
        }

        QuorateNode back = await cluster.StartNodeAsync(2);
        StateVersion state = await back.Group.ReadAsync(Limit);
        Assert.Equal(writes + 2, state.Revision);
        Assert.Equal("1", Get(state, "first"));
        Assert.Equal(cluster.Nodes[0].Group.State.StateHash, state.StateHash);

        await cluster.StopNodeAsync(2);
        back = await cluster.StartNodeAsync(2);
        Assert.Equal(value, Get(await back.Group.ReadAsync(Limit), $"k{writes - 1}"));
    }

    [Fact]
    public async Task A_second_process_on_the_same_directory_is_told_so()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        await Assert.ThrowsAsync<DirectoryInUseException>(() => QuorateNode.StartAsync(cluster.OptionsOf(0)));
    }

    [Fact]
    public async Task A_watch_sees_every_write_in_order()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        await using IWatchStream watch = cluster.Nodes[0].Group.OpenWatch();
        watch.Create(7, new WatchRequest(new KeyRange("k"u8.ToArray(), "l"u8.ToArray()), 0, false, false, false, false));
        var messages = new List<WatchMessage>();
        Assert.True(await watch.ReadAsync(messages, Limit));
        Assert.IsType<WatchCreated>(Assert.Single(messages));
        for (int i = 0; i < 50; i++)
        {
            await PutAsync(cluster.Nodes[1 + (i % 2)], $"k{i}", "v");
        }

        var seen = new List<string>();
        while (seen.Count < 50)
        {
            messages.Clear();
            Assert.True(await watch.ReadAsync(messages, Limit));
            seen.AddRange(messages.OfType<WatchEvents>().SelectMany(events => events.Events).Select(change => Encoding.UTF8.GetString(change.Current.Key.Span)));
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"k{i}"), seen);
    }

    private static async Task PutAsync(QuorateNode node, string key, string value)
    {
        CommandResult result = await node.Group.ProposeAsync(new PutCommand(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value)), Limit);
        Assert.IsType<PutResult>(result);
    }

    private static string Get(StateVersion state, string key) => Encoding.UTF8.GetString(state.Get(Encoding.UTF8.GetBytes(key))!.Value.Span);
}
