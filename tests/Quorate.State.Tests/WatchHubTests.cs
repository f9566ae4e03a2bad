namespace Quorate.State.Tests;

public sealed class WatchHubTests
{
    private readonly WatchWorld _world = new();
    private WatchHub? _hub;

    private WatchHub Hub(WatchHubOptions? options = null) => _hub ??= new WatchHub(options ?? new WatchHubOptions(), _world.Version());

    private WatchConsumer Open(WatchHubOptions? options = null)
    {
        var consumer = new WatchConsumer();
        consumer.Stream = Hub(options).OpenStream(consumer);
        return consumer;
    }

    private void Apply(params (string Key, string? Value)[] changes) => Hub().OnRevision(_world.Write(changes)!);

    private void Put(string key, string value = "v")
    {
        Apply((key, value));
        Hub().OnPublished(_world.Version());
    }

    private void Create(WatchConsumer consumer, long id, WatchRequest request) => Assert.True(Hub().Create(consumer.Stream, id, request));

    [Fact]
    public void Creation_is_told_first_with_the_revision_of_the_store()
    {
        Put("a");
        WatchConsumer consumer = Open();
        Create(consumer, 7, WatchWorld.Watch(WatchWorld.Key("a")));
        Assert.Equal(new WatchCreated(7, 2), Assert.Single(consumer.Messages));
    }

    [Fact]
    public void A_batch_comes_as_one_message_when_it_is_published_and_not_before()
    {
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Prefix("a")));
        Apply(("a", "1"), ("b", "1"));
        Apply(("a1", "2"));
        Assert.Single(consumer.Messages);
        Hub().OnPublished(_world.Version());
        Assert.Equal("a@2 a1@3", consumer.Seen(1));
        Assert.Equal(3, Assert.Single(consumer.Of<WatchEvents>(1)).Revision);
    }

    [Fact]
    public void A_watcher_made_while_a_batch_is_applied_sees_the_batch()
    {
        WatchConsumer consumer = Open();
        Apply(("a", "1"));
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a")));
        Hub().OnPublished(_world.Version());
        Assert.Equal("a@2", consumer.Seen(1));
    }

    [Fact]
    public void Past_the_prompt_messages_revisions_gather_until_their_time_is_over()
    {
        WatchConsumer consumer = Open(new WatchHubOptions { PromptMessages = 2, GatherMs = 20 });
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a")));
        for (int put = 0; put < 6; put++)
        {
            Put("a");
        }

        Assert.Equal(3, consumer.Of<WatchEvents>(1).Count());
        Hub().Tick(1);
        Assert.Equal([1, 1, 1, 3], consumer.Of<WatchEvents>(1).Select(message => message.Events.Count));
        for (int put = 0; put < 6; put++)
        {
            Put("a");
        }

        Hub().Tick(20);
        Assert.Equal([1, 1, 1, 3, 1, 1], consumer.Of<WatchEvents>(1).Select(message => message.Events.Count));
        Hub().Tick(21);
        Assert.Equal([1, 1, 1, 3, 1, 1, 4], consumer.Of<WatchEvents>(1).Select(message => message.Events.Count));
    }

    [Fact]
    public void Whoever_begins_to_watch_or_asks_for_progress_has_seen_what_is_published()
    {
        WatchConsumer consumer = Open(new WatchHubOptions { PromptMessages = 0 });
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a")));
        Put("a");
        Put("a");
        Assert.Single(consumer.Of<WatchEvents>(1));
        Create(consumer, 2, WatchWorld.Watch(WatchWorld.Key("a")));
        Assert.Equal(2, consumer.Of<WatchEvents>(1).Count());
        Assert.Empty(consumer.Of<WatchEvents>(2));
        Put("a");
        Hub().RequestProgress(consumer.Stream);
        Assert.Equal(_world.Revision, Assert.Single(consumer.Of<WatchProgress>(-1)).Revision);
        Assert.Single(consumer.Of<WatchEvents>(2));
    }

    [Fact]
    public void Watchers_of_one_range_share_the_list_and_the_events()
    {
        WatchConsumer first = Open();
        WatchConsumer second = Open();
        Create(first, 1, WatchWorld.Watch(WatchWorld.Prefix("a")));
        Create(second, 1, WatchWorld.Watch(WatchWorld.Prefix("a")));
        Create(second, 2, WatchWorld.Watch(WatchWorld.Key("a")));
        Put("a", "1");
        Put("a", "2");
        WatchEvents[] messages = [.. first.Of<WatchEvents>(1)];
        Assert.Same(messages[1].Events, second.Of<WatchEvents>(1).Last().Events);
        Assert.Same(messages[1].Events[0], second.Of<WatchEvents>(2).Last().Events[0]);
    }

    [Fact]
    public void Previous_values_and_filters_are_each_watchers_own()
    {
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a"), previous: true));
        Create(consumer, 2, WatchWorld.Watch(WatchWorld.Key("a")));
        Create(consumer, 3, WatchWorld.Watch(WatchWorld.Key("a"), noPut: true));
        Create(consumer, 4, WatchWorld.Watch(WatchWorld.Key("a"), noDelete: true));
        Put("a", "1");
        Put("a", "2");
        Apply(("a", null));
        Hub().OnPublished(_world.Version());
        Assert.Equal("1", WatchWorld.Text(consumer.Of<WatchEvents>(1).ElementAt(1).Events[0].Previous!.Value));
        Assert.All(consumer.Of<WatchEvents>(2), message => Assert.Null(message.Events[0].Previous));
        Assert.Equal("-a@4", consumer.Seen(3));
        Assert.Equal("a@2 a@3", consumer.Seen(4));
    }

    [Fact]
    public void The_order_of_delivery_is_by_stream_and_watch_id()
    {
        var order = new List<string>();
        var streams = Enumerable.Range(0, 3).Select(_ => new OrderSink(order)).ToList();
        foreach (OrderSink sink in streams)
        {
            sink.Stream = Hub().OpenStream(sink);
        }

        foreach (int stream in new[] { 2, 0, 1 })
        {
            foreach (long id in new[] { 9L, -4, 3 })
            {
                Assert.True(Hub().Create(streams[stream].Stream, id, WatchWorld.Watch(id == 3 ? WatchWorld.Key("a") : WatchWorld.Prefix("a"))));
            }
        }

        order.Clear();
        Put("a");
        Assert.Equal(["1/-4", "1/3", "1/9", "2/-4", "2/3", "2/9", "3/-4", "3/3", "3/9"], order);
    }

    [Fact]
    public void A_future_start_delivers_nothing_before_it()
    {
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a"), start: 4));
        Put("a");
        Put("a");
        Assert.Empty(consumer.Seen(1));
        Put("a");
        Assert.Equal("a@4", consumer.Seen(1));
    }

    [Fact]
    public void A_start_in_the_past_is_served_from_the_recent_revisions()
    {
        Hub();
        Put("a");
        Put("b");
        Put("a");
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a"), start: 2));
        Hub().Work();
        Assert.Equal("a@2 a@4", consumer.Seen(1));
        Assert.False(Hub().TryTakeJob(out _));
    }

    [Fact]
    public void A_start_before_the_recent_revisions_is_served_by_a_job()
    {
        _world.Write(("a", "1"));
        _world.Write(("a", "2"));
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a"), start: 2));
        Hub().Work();
        Assert.Empty(consumer.Seen(1));
        Assert.True(Hub().TryTakeJob(out CatchUpJob? job));
        Put("a");
        Assert.Throws<ArgumentException>(() => Hub().Complete(job));
        job.Run();
        Hub().Complete(job);
        Assert.Equal("a@2 a@3 a@4", consumer.Seen(1));
        Assert.Equal(0, Hub().LaggingCount);
    }

    [Fact]
    public void Watchers_of_one_range_share_the_read_of_a_job()
    {
        _world.Write(("a", "1"));
        WatchConsumer consumer = Open();
        for (int id = 0; id < 100; id++)
        {
            Create(consumer, id, WatchWorld.Watch(WatchWorld.Prefix("a"), start: 1));
        }

        Hub().Work();
        Assert.True(Hub().TryTakeJob(out CatchUpJob? job));
        Assert.Equal(100, Assert.Single(job.Reads).Watchers.Count);
        Assert.False(Hub().TryTakeJob(out _));
    }

    [Fact]
    public void A_result_for_a_watcher_that_has_gone_is_dropped()
    {
        _world.Write(("a", "1"));
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a"), start: 1));
        Hub().Work();
        Assert.True(Hub().TryTakeJob(out CatchUpJob? job));
        Assert.True(Hub().Cancel(consumer.Stream, 1));
        job.Run();
        Hub().Complete(job);
        Assert.Equal([new WatchCreated(1, 2), new WatchCanceled(1, 2, 0)], consumer.Messages);
        Assert.Equal((0, 0), (Hub().WatcherCount, Hub().LaggingCount));
    }

    [Fact]
    public void A_compacted_start_is_created_and_canceled_and_the_compact_revision_itself_is_not_compacted()
    {
        _world.Write(("a", "1"));
        _world.Write(("a", null));
        _world.Write(("b", "1"));
        _world.Compact(3);
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Everything, start: 2));
        Assert.Equal([new WatchCreated(1, 4), new WatchCanceled(1, 4, 3)], consumer.Messages);
        Create(consumer, 2, WatchWorld.Watch(WatchWorld.Everything, start: 3));
        Hub().Work();
        Assert.True(Hub().TryTakeJob(out CatchUpJob? job));
        job.Run();
        Hub().Complete(job);
        Assert.Equal("-a@3 b@4", consumer.Seen(2));
    }

    [Fact]
    public void Compaction_passing_a_watcher_that_is_behind_cancels_it()
    {
        WatchConsumer consumer = Open(new WatchHubOptions { StreamBytes = 200 });
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a")));
        Put("a", new string('v', 200));
        Put("a");
        Put("a");
        _world.Compact(4);
        Put("b");
        consumer.Read(Hub());
        Assert.Equal("a@2", consumer.Seen(1));
        Assert.Equal(new WatchCanceled(1, 5, 4), consumer.Messages[^1]);
    }

    [Fact]
    public void A_snapshot_leaves_no_gap()
    {
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a")));
        Create(consumer, 2, WatchWorld.Watch(WatchWorld.Key("a"), start: 9));
        Put("a");
        Apply(("a", "gathered, then void"));
        _world.Write(("a", "jumped over"));
        Hub().OnReset(_world.Version());
        Assert.Equal(1, Hub().LaggingCount);
        Assert.True(Hub().TryTakeJob(out CatchUpJob? job));
        job.Run();
        Hub().Complete(job);
        Put("a");
        Assert.Equal("a@2 a@3 a@4 a@5", consumer.Seen(1));
        Assert.Empty(consumer.Seen(2));
    }

    [Fact]
    public void Progress_of_a_stream_is_told_only_when_everybody_on_it_is_synced()
    {
        _world.Write(("a", "1"));
        WatchConsumer consumer = Open();
        Hub().RequestProgress(consumer.Stream);
        Assert.Empty(consumer.Messages);
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a")));
        Create(consumer, 2, WatchWorld.Watch(WatchWorld.Key("b"), start: 1));
        Hub().RequestProgress(consumer.Stream);
        Assert.Empty(consumer.Of<WatchProgress>(-1));
        Hub().Work();
        Assert.True(Hub().TryTakeJob(out CatchUpJob? job));
        job.Run();
        Hub().RequestProgress(consumer.Stream);
        Assert.Empty(consumer.Of<WatchProgress>(-1));
        Hub().Complete(job);
        Hub().RequestProgress(consumer.Stream);
        Assert.Equal(2, Assert.Single(consumer.Of<WatchProgress>(-1)).Revision);
    }

    [Fact]
    public void Quiet_watchers_are_told_their_progress_from_time_to_time()
    {
        WatchConsumer consumer = Open(new WatchHubOptions { ProgressIntervalMs = 1000 });
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a"), notify: true));
        Create(consumer, 2, WatchWorld.Watch(WatchWorld.Key("b"), notify: true));
        Create(consumer, 3, WatchWorld.Watch(WatchWorld.Key("c")));
        Put("a");
        Hub().Tick(999);
        Assert.Empty(consumer.Messages.OfType<WatchProgress>());
        Hub().Tick(1100);
        Assert.Equal([new WatchProgress(2, 2)], consumer.Messages.OfType<WatchProgress>());
        Hub().Tick(2200);
        Assert.Equal([new WatchProgress(2, 2), new WatchProgress(1, 2), new WatchProgress(2, 2)], consumer.Messages.OfType<WatchProgress>());
        Hub().CloseStream(consumer.Stream);
        Hub().Tick(9999);
        Assert.Equal(3, consumer.Messages.OfType<WatchProgress>().Count());
    }

    [Fact]
    public void Streams_do_not_all_tell_their_progress_at_once()
    {
        List<WatchConsumer> consumers = [.. Enumerable.Range(0, 50).Select(_ => Open(new WatchHubOptions { ProgressIntervalMs = 1000, Seed = 5 }))];
        consumers.ForEach(consumer => Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a"), notify: true)));
        Hub().Tick(1050);
        Assert.InRange(consumers.Count(consumer => consumer.Messages.Count > 1), 10, 40);
        Hub().Tick(1100);
        Assert.All(consumers, consumer => Assert.Equal(2, consumer.Messages.Count));
    }

    [Fact]
    public void An_unknown_watcher_or_stream_is_passed_over()
    {
        WatchConsumer consumer = Open();
        Assert.True(Hub().Cancel(consumer.Stream, 5));
        Hub().CloseStream(consumer.Stream);
        Hub().CloseStream(consumer.Stream);
        Assert.True(Hub().Create(consumer.Stream, 1, WatchWorld.Watch(WatchWorld.Key("a"))));
        Assert.True(Hub().Cancel(consumer.Stream, 1));
        Hub().RequestProgress(consumer.Stream);
        Hub().Consumed(consumer.Stream, 10);
        Assert.Empty(consumer.Messages);
    }

    [Fact]
    public void Misuse_is_refused_and_changes_nothing()
    {
        WatchConsumer consumer = Open();
        Create(consumer, 1, WatchWorld.Watch(WatchWorld.Key("a")));
        Assert.Throws<ArgumentException>(() => Hub().Create(consumer.Stream, 1, WatchWorld.Watch(WatchWorld.Key("b"))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Hub().Create(consumer.Stream, 2, WatchWorld.Watch(WatchWorld.Key("b"), start: -1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Hub().Consumed(consumer.Stream, consumer.UnreadBytes + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WatchHub(new WatchHubOptions { ProgressIntervalMs = 99 }, _world.Version()));
        Assert.Equal(1, Hub().WatcherCount);
        Put("b");
        Assert.Single(consumer.Messages);
    }

    [Fact]
    public void A_gap_in_what_the_state_machine_hands_over_stops_the_node()
    {
        Hub();
        _world.Write(("a", "1"));
        Assert.Throws<System.Diagnostics.UnreachableException>(() => Hub().OnRevision(_world.Write(("a", "2"))!));
        Assert.Throws<System.Diagnostics.UnreachableException>(() => Hub().OnPublished(_world.Version()));
    }

    private sealed class OrderSink(List<string> order) : IWatchSink
    {
        public int Stream { get; set; }

        public void Push(WatchMessage message, int bytes) => order.Add($"{Stream}/{message.WatchId}");
    }
}
