namespace Quorate.Client.Tests;

public sealed class WatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watch_sees_every_change_once_and_in_order()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        PutResult before = await client.PutAsync("w/1", "old", null, Token);
        await using Follower follower = await Follower.StartAsync(client, KeyRange.Prefix("w/"), new WatchOptions { ReturnPrevious = true }, Token);
        await client.PutAsync("w/1", "new", null, Token);
        await client.PutAsync("other", "x", null, Token);
        await client.DeleteAsync("w/1", cancellationToken: Token);

        IReadOnlyList<WatchEvent> events = await follower.TakeAsync(2, Token);

        Assert.Equal([WatchEventKind.Put, WatchEventKind.Delete], events.Select(item => item.Kind));
        Assert.Equal("old", events[0].Previous!.ValueText);
        Assert.Equal(before.Revision + 1, events[0].KeyValue.ModRevision);
    }

    [Fact]
    public async Task A_watch_can_begin_in_the_past()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        PutResult first = await client.PutAsync("k", "1", null, Token);
        await client.PutAsync("k", "2", null, Token);
        await using Follower follower = await Follower.StartAsync(client, "k", new WatchOptions { StartRevision = first.Revision }, Token);

        Assert.Equal(["1", "2"], (await follower.TakeAsync(2, Token)).Select(item => item.KeyValue.ValueText));
    }

    [Fact]
    public async Task A_watch_survives_the_death_of_its_server_without_losing_or_repeating_an_event()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        await using Follower follower = await Follower.StartAsync(client, "k", new WatchOptions(), Token);
        List<string> written = [];
        for (int round = 0; round < 3; round++)
        {
            for (int index = 0; index < 20; index++)
            {
                written.Add($"{round}.{index}");
                await client.PutAsync("k", written[^1], null, Token);
            }

            await server.KillAsync();
            await server.RestartAsync(Token);
        }

        Assert.Equal(written, (await follower.TakeAsync(written.Count, Token)).Select(item => item.KeyValue.ValueText));
    }

    [Fact]
    public async Task A_watch_whose_history_was_compacted_away_while_it_was_cut_off_says_so()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        PutResult first = await client.PutAsync("k", "1", null, Token);
        PutResult last = await client.PutAsync("k", "2", null, Token);
        await client.CompactAsync(last.Revision, cancellationToken: Token);

        CompactedException exception = await Assert.ThrowsAsync<CompactedException>(async () =>
        {
            await foreach (WatchEvent seen in client.WatchEventsAsync("k", new WatchOptions { StartRevision = first.Revision }, Token))
            {
                Assert.Fail($"saw revision {seen.KeyValue.ModRevision}");
            }
        });
        Assert.Equal(last.Revision, exception.CompactRevision);
    }

    [Fact]
    public async Task Filters_leave_out_what_was_not_asked_for()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        await using Follower deletes = await Follower.StartAsync(client, "k", new WatchOptions { IgnorePuts = true }, Token);
        await client.PutAsync("k", "1", null, Token);
        await client.DeleteAsync("k", cancellationToken: Token);

        Assert.Equal(WatchEventKind.Delete, (await deletes.TakeAsync(1, Token))[0].Kind);
    }

    [Fact]
    public async Task A_watch_ends_when_its_token_is_cancelled()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (WatchBatch batch in client.WatchAsync("k", new WatchOptions { IncludeProgress = true }, stop.Token))
            {
                Assert.Empty(batch.Events);
                await stop.CancelAsync();
            }
        });
    }
}
