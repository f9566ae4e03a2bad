using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Quorate.State;

namespace Quorate.Node.Tests;

/// <summary>What a node tells of itself to whoever listens, without a door.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Fact]
    public async Task What_one_node_sends_to_another_the_other_receives()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        await PutAsync(cluster.Nodes[0], 20, size: 10_000);
        foreach (QuorateNode node in cluster.Nodes)
        {
            await node.Group.ReadAsync(Limit);
        }

        foreach (QuorateNode from in cluster.Nodes)
        {
            foreach (QuorateNode to in cluster.Nodes.Where(node => node != from))
            {
                // What is on its way at the moment is sent and not received: received now, sent a moment later.
                double received = Read(to, "quorate.peer.received", from.Group.Status.NodeId.ToString());
                double sent = Read(from, "quorate.peer.sent", to.Group.Status.NodeId.ToString());
                Assert.InRange(received, 0, sent);
                Assert.Equal(1, Read(from, "quorate.peer.connected", to.Group.Status.NodeId.ToString()));
            }
        }

        QuorateNode leader = cluster.Nodes[await cluster.LeaderAsync(Limit)];
        QuorateNode follower = cluster.Nodes.First(node => node != leader);
        Assert.InRange(Read(leader, "quorate.peer.sent", follower.Group.Status.NodeId.ToString()), 200_000, 1_000_000);
        Assert.InRange(Read(follower, "quorate.peer.received", leader.Group.Status.NodeId.ToString()), 200_000, 1_000_000);
    }

    [Fact]
    public async Task Round_trips_to_peers_are_sampled()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(2);
        await PutAsync(cluster.Nodes[0], 1, size: 10);
        var sampled = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "quorate.peer.round_trip.duration" && instrument.Meter.Scope == cluster.Nodes[0].Group)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => sampled.TrySetResult(value));
        listener.Start();
        Assert.InRange(await sampled.Task.WaitAsync(Limit), 0.000_001, 1);
    }

    [Fact]
    public async Task Commands_that_wait_and_fail_are_counted()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3);
        await PutAsync(cluster.Nodes[0], 1, size: 10);
        QuorateNode alone = cluster.Nodes[0];
        await cluster.StopNodeAsync(1);
        await cluster.StopNodeAsync(2);
        Task<CommandResult> write = alone.Group.ProposeAsync(new PutCommand("k"u8.ToArray(), default), CancellationToken.None).AsTask();
        Task<StateVersion> read = alone.Group.ReadAsync(CancellationToken.None).AsTask();
        Assert.Equal((1, 0, 0), (Read(alone, "quorate.commands.pending"), Read(alone, "quorate.commands.failed"), Read(alone, "quorate.reads.slow")));
        await Assert.ThrowsAsync<GroupException>(() => write);
        await Assert.ThrowsAsync<GroupException>(() => read);
        Assert.Equal((0, 1, 1), (Read(alone, "quorate.commands.pending"), Read(alone, "quorate.commands.failed"), Read(alone, "quorate.reads.slow")));
    }

    [Fact]
    public async Task Events_that_nobody_takes_are_pending_until_they_are_taken_or_dropped()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        QuorateNode node = cluster.Nodes[0];
        var messages = new List<WatchMessage>();
        await using (IWatchStream read = node.Group.OpenWatch())
        await using (IWatchStream left = node.Group.OpenWatch())
        {
            foreach (IWatchStream stream in (IWatchStream[])[read, left])
            {
                stream.Create(1, new WatchRequest(new KeyRange("k"u8.ToArray(), default), 0, false, false, false, false));
            }

            await PutAsync(node, 5, size: 10);
            Assert.Equal((10, 10, 2, 2), (Read(node, "quorate.watch.pending"), Read(node, "quorate.watch.events"), Read(node, "quorate.watch.streams"), Read(node, "quorate.watch.watchers")));
            await read.ReadAsync(messages, Limit);
            Assert.Equal(5, messages.OfType<WatchEvents>().Sum(events => events.Events.Count));
            Assert.Equal(5, Read(node, "quorate.watch.pending"));
        }

        await PutAsync(node, 1, size: 10);
        Assert.Equal((0, 10, 0), (Read(node, "quorate.watch.pending"), Read(node, "quorate.watch.events"), Read(node, "quorate.watch.streams")));
    }

    [Fact]
    public async Task Spans_are_told_to_whoever_listens()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Quorate.Node",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using Activity parent = new Activity("test").Start();
        await using (TestCluster cluster = await TestCluster.StartAsync(1))
        {
            await PutAsync(cluster.Nodes[0], 1, size: 10);
            await cluster.Nodes[0].Group.ReadAsync(Limit);
            await Assert.ThrowsAsync<GroupException>(async () =>
                await cluster.Nodes[0].Group.ProposeAsync(new PutCommand(new byte[4 << 20], default), Limit));
        }

        // Other tests run nodes beside this one: their spans have other parents.
        Activity[] ours = [.. ended.Where(span => span.TraceId == parent.TraceId)];
        Assert.Equal(["quorate.propose PutCommand Unset", "quorate.read  Unset", "quorate.propose PutCommand Error"], ours
            .Where(span => span.OperationName is "quorate.propose" or "quorate.read")
            .Select(span => $"{span.OperationName} {span.GetTagItem("quorate.command")} {span.Status}"));
        Assert.Contains(ours, span => span.OperationName == "quorate.start");
    }

    private static async Task PutAsync(QuorateNode node, int count, int size)
    {
        for (int i = 0; i < count; i++)
        {
            await node.Group.ProposeAsync(new PutCommand(Encoding.UTF8.GetBytes("k"), new byte[size]), Limit);
        }
    }

    /// <summary>What an observed instrument of a node tells now.</summary>
    private static double Read(QuorateNode node, string name, string? peer = null)
    {
        double? found = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == name && instrument.Meter.Scope == node.Group)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Take(value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => Take(value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return found ?? throw new InvalidOperationException($"{name} tells nothing of {peer}");

        void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (peer is null || (tags.Length == 1 && Equals(tags[0].Value, peer)))
            {
                found = value;
            }
        }
    }
}
