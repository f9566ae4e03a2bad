using Quorate.Storage;

namespace Quorate.State.Tests;

/// <summary>The hub over the real keyspace: what passes through the observer and what is read from history are the same events.</summary>
public sealed class WatchStateTests
{
    [Fact]
    public void Live_events_and_history_tell_the_same()
    {
        var state = new StateMachine(new OrderedMap(), new StateOptions());
        var machine = new Machine(state);
        var random = new Random(11);
        var live = new WatchConsumer();
        var hub = new WatchHub(new WatchHubOptions { RecentRevisions = 3 }, state.Current);
        state.Observer = hub;
        live.Stream = hub.OpenStream(live);
        hub.Create(live.Stream, 1, WatchWorld.Watch(Machine.Everything, previous: true));
        for (int step = 0; step < 300; step++)
        {
            string key = $"k{random.Next(8)}";
            machine.Do(random.Next(4) switch
            {
                0 => Machine.DeleteOf(key),
                1 => Machine.TxnOf(Machine.PutOf(key), Machine.PutOf("z" + key), Machine.DeleteOf("k8", "k9")),
                _ => Machine.PutOf(key, $"v{step}"),
            });
            hub.OnPublished(state.Current);
        }

        var late = new WatchConsumer();
        late.Stream = hub.OpenStream(late);
        hub.Create(late.Stream, 1, WatchWorld.Watch(Machine.Everything, start: 1, previous: true));
        hub.Work();
        while (hub.TryTakeJob(out CatchUpJob? job))
        {
            job.Run();
            hub.Complete(job);
        }

        Assert.Equal(0, hub.LaggingCount);
        Assert.True(live.Of<WatchEvents>(1).Sum(message => message.Events.Count) > 250);
        Assert.Equal(Describe(live), Describe(late));
    }

    [Fact]
    public void A_watch_from_the_compact_revision_sees_the_tombstone_there()
    {
        var state = new StateMachine(new OrderedMap(), new StateOptions());
        var machine = new Machine(state);
        machine.Put("a");
        machine.Delete("a");
        machine.Compact(3);
        var hub = new WatchHub(new WatchHubOptions(), state.Current);
        var consumer = new WatchConsumer();
        consumer.Stream = hub.OpenStream(consumer);
        hub.Create(consumer.Stream, 1, WatchWorld.Watch(Machine.Key("a"), start: 3));
        hub.Create(consumer.Stream, 2, WatchWorld.Watch(Machine.Key("a"), start: 2));
        hub.Work();
        Assert.True(hub.TryTakeJob(out CatchUpJob? job));
        job.Run();
        hub.Complete(job);
        Assert.Equal("-a@3", consumer.Seen(1));
        Assert.Equal(3, Assert.Single(consumer.Of<WatchCanceled>(2)).CompactRevision);
    }

    private static string Describe(WatchConsumer consumer) => string.Join('\n', consumer.Of<WatchEvents>(1)
        .SelectMany(message => message.Events)
        .Select(change => $"{Describe(change.Current)} {change.IsDelete} {(change.Previous is { } previous ? Describe(previous) : "-")}"));

    private static string Describe(KeyValue found) =>
        $"{Machine.Text(found.Key)}={Machine.Text(found.Value)} {found.CreateRevision} {found.ModRevision} {found.Version} {found.Lease}";
}
