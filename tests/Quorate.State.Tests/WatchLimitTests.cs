namespace Quorate.State.Tests;

/// <summary>What slow, dead, greedy and numerous clients cost.</summary>
public sealed class WatchLimitTests
{
    private readonly WatchWorld _world = new();

    [Fact]
    public void A_client_that_never_reads_holds_a_bounded_amount_and_harms_nobody()
    {
        var options = new WatchHubOptions { StreamBytes = 10_000, MessageBytes = 1_000, RecentRevisions = 100 };
        var hub = new WatchHub(options, _world.Version());
        WatchConsumer dead = Open(hub);
        WatchConsumer alive = Open(hub);
        for (int id = 0; id < 200; id++)
        {
            hub.Create(dead.Stream, id, WatchWorld.Watch(WatchWorld.Prefix("a")));
            dead.Read(hub);
        }

        hub.Create(alive.Stream, 1, WatchWorld.Watch(WatchWorld.Prefix("a")));
        for (int put = 0; put < 500; put++)
        {
            Put(hub, "a", new string('v', 100));
            hub.Tick(put * options.GatherMs);
            Assert.Equal(put + 1, alive.Of<WatchEvents>(1).Sum(message => message.Events.Count));
            alive.Read(hub);
            alive.Messages.RemoveRange(0, alive.Messages.Count - 1);
            alive.Messages[0] = new WatchEvents(1, 0, [.. Enumerable.Repeat<WatchEvent>(null!, put + 1)]);
        }

        Assert.True(dead.UnreadBytes <= 10_000 + 1_000 + 300, $"{dead.UnreadBytes}");
        Assert.Equal(200, hub.LaggingCount);
        Settle(hub, dead);
        Assert.Equal(100_000, dead.Messages.OfType<WatchEvents>().Sum(message => message.Events.Count));
        Assert.Equal(0, hub.LaggingCount);
    }

    [Fact]
    public void A_message_is_cut_between_revisions_and_the_rest_follows()
    {
        var hub = new WatchHub(new WatchHubOptions { MessageBytes = 300 }, _world.Version());
        WatchConsumer consumer = Open(hub);
        hub.Create(consumer.Stream, 1, WatchWorld.Watch(WatchWorld.Prefix("a")));
        for (int revision = 0; revision < 10; revision++)
        {
            hub.OnRevision(_world.Write(("a1", "v"), ("a2", "v"), ("a3", "v"))!);
        }

        hub.OnPublished(_world.Version());
        while (hub.Work())
        {
        }

        List<WatchEvents> messages = [.. consumer.Of<WatchEvents>(1)];
        Assert.Equal(30, messages.Sum(message => message.Events.Count));
        Assert.Equal(5, messages.Count);
        Assert.All(messages, message => Assert.Equal(6, message.Events.Count));
    }

    [Fact]
    public void A_client_that_sends_and_sends_and_never_reads_is_told_on()
    {
        var hub = new WatchHub(new WatchHubOptions { StreamBytes = 10_000 }, _world.Version());
        WatchConsumer consumer = Open(hub);
        int requests = 0;
        while (requests < 100_000 && hub.Create(consumer.Stream, 1, WatchWorld.Watch(WatchWorld.Key("a"))) && hub.Cancel(consumer.Stream, 1))
        {
            requests++;
            hub.RequestProgress(consumer.Stream);
        }

        Assert.InRange(consumer.MostUnreadBytes, 20_000, 21_000);
        consumer.Read(hub);
        Assert.True(hub.Create(consumer.Stream, 2, WatchWorld.Watch(WatchWorld.Key("a"))));
    }

    [Fact]
    public void Catching_up_takes_turns_between_streams_and_between_watchers()
    {
        var hub = new WatchHub(new WatchHubOptions { StepEvents = 10, MessageBytes = 100 }, _world.Version());
        for (int put = 0; put < 1000; put++)
        {
            Put(hub, "a", "v");
        }

        WatchConsumer greedy = Open(hub);
        for (int id = 0; id < 100; id++)
        {
            hub.Create(greedy.Stream, id, WatchWorld.Watch(WatchWorld.Key("a"), start: 2));
        }

        WatchConsumer modest = Open(hub);
        hub.Create(modest.Stream, 1, WatchWorld.Watch(WatchWorld.Key("a"), start: 990));
        for (int step = 0; step < 40; step++)
        {
            hub.Work();
        }

        Assert.Equal(12, modest.Of<WatchEvents>(1).Sum(message => message.Events.Count));
        while (greedy.Messages.Count < 100 + 300)
        {
            hub.Work();
        }

        int[] counts = [.. Enumerable.Range(0, 100).Select(id => greedy.Of<WatchEvents>(id).Count())];
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
    }

    [Fact]
    public void Jobs_are_bounded_in_number_and_size()
    {
        for (int put = 0; put < 100; put++)
        {
            _world.Write(("a", "v"));
        }

        var hub = new WatchHub(new WatchHubOptions { Jobs = 2, JobWatchers = 3, JobRevisions = 10 }, _world.Version());
        WatchConsumer consumer = Open(hub);
        for (int id = 0; id < 20; id++)
        {
            hub.Create(consumer.Stream, id, WatchWorld.Watch(WatchWorld.Key("a"), start: 1));
        }

        hub.Work();
        Assert.True(hub.TryTakeJob(out CatchUpJob? first));
        Assert.True(hub.TryTakeJob(out CatchUpJob? second));
        Assert.False(hub.TryTakeJob(out _));
        Assert.Equal((3, 3), (first.WatcherCount, second.WatcherCount));
        first.Run();
        Assert.Equal(10, first.Reads[0].Found.Count);
        hub.Complete(first);
        Assert.True(hub.TryTakeJob(out CatchUpJob? third));
        Assert.Equal([6, 7, 8], third.Reads[0].Watchers.Select(watcher => watcher.Id));
    }

    [Fact]
    public void A_change_that_nobody_watches_costs_ten_thousand_watchers_nothing()
    {
        var hub = new WatchHub(new WatchHubOptions { RecentRevisions = 0 }, _world.Version());
        WatchConsumer consumer = Open(hub);
        for (int id = 0; id < 10_000; id++)
        {
            hub.Create(consumer.Stream, id, WatchWorld.Watch(WatchWorld.Key($"key-{id}")));
        }

        for (int id = 10_000; id < 10_100; id++)
        {
            hub.Create(consumer.Stream, id, WatchWorld.Watch(WatchWorld.Prefix($"prefix-{id}/")));
        }

        RevisionEvents[] changes = [.. Enumerable.Range(0, 1000).Select(_ => _world.Write(("elsewhere", "v"))!)];
        NumberedVersion[] versions = [.. changes.Select(change => new NumberedVersion(change.Revision))];
        Deliver(hub, changes[0], versions[0]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int index = 1; index < changes.Length; index++)
        {
            Deliver(hub, changes[index], versions[index]);
        }

        // What is left is one small object a revision, however many watch.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999 * 200);
    }

    private static void Deliver(WatchHub hub, RevisionEvents change, NumberedVersion version)
    {
        hub.OnRevision(change);
        hub.OnPublished(version);
    }

    private static WatchConsumer Open(WatchHub hub)
    {
        var consumer = new WatchConsumer();
        consumer.Stream = hub.OpenStream(consumer);
        return consumer;
    }

    private void Put(WatchHub hub, string key, string value)
    {
        hub.OnRevision(_world.Write((key, value))!);
        hub.OnPublished(_world.Version());
    }

    private static void Settle(WatchHub hub, WatchConsumer consumer)
    {
        bool isBusy = true;
        while (isBusy)
        {
            isBusy = consumer.Read(hub) | hub.Work();
            while (hub.TryTakeJob(out CatchUpJob? job))
            {
                job.Run();
                hub.Complete(job);
                isBusy = true;
            }
        }
    }

    private sealed record NumberedVersion(long Revision) : IWatchHistory
    {
        public long CompactRevision => 0;

        public long ReadHistory(KeyRange range, long fromRevision, int maxRevisions, List<RevisionEvents> into) => throw new NotSupportedException();
    }
}
