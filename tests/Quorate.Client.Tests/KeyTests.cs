namespace Quorate.Client.Tests;

public sealed class KeyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_written_read_and_deleted()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        PutResult put = await client.PutAsync("a", "1", new PutOptions { ReturnPrevious = true }, Token);
        PutResult again = await client.PutAsync("a", "2", new PutOptions { ReturnPrevious = true }, Token);
        KeyValue? read = await client.GetAsync("a", null, Token);
        KeyValue? old = await client.GetAsync("a", new RangeOptions { Revision = put.Revision }, Token);
        DeleteResult deleted = await client.DeleteAsync("a", returnPrevious: true, Token);

        Assert.Null(put.Previous);
        Assert.Equal("1", again.Previous!.ValueText);
        Assert.Equal(("2", 2L), (read!.ValueText, read.Version));
        Assert.Equal("1", old!.ValueText);
        Assert.Equal(1, deleted.Deleted);
        Assert.Equal("2", deleted.Previous[0].ValueText);
        Assert.Null(await client.GetAsync("a", null, Token));
    }

    [Fact]
    public async Task A_range_is_limited_sorted_and_counted()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        foreach (string key in new[] { "p/3", "p/1", "p/2", "q/1" })
        {
            await client.PutAsync(key, key, null, Token);
        }

        RangeResult all = await client.RangeAsync(KeyRange.Prefix("p/"), null, Token);
        RangeResult limited = await client.RangeAsync(KeyRange.Prefix("p/"), new RangeOptions { Limit = 1, SortBy = SortBy.Key, IsDescending = true }, Token);
        RangeResult from = await client.RangeAsync(KeyRange.From("p/3"), null, Token);
        RangeResult counted = await client.RangeAsync(KeyRange.All, new RangeOptions { CountOnly = true }, Token);
        RangeResult created = await client.RangeAsync(KeyRange.Prefix("p/"), new RangeOptions { SortBy = SortBy.CreateRevision }, Token);

        Assert.Equal(["p/1", "p/2", "p/3"], all.KeyValues.Select(item => item.KeyText));
        Assert.Equal("p/3", Assert.Single(limited.KeyValues).KeyText);
        Assert.True(limited.HasMore);
        Assert.Equal(3, limited.Count);
        Assert.Equal(["p/3", "q/1"], from.KeyValues.Select(item => item.KeyText));
        Assert.Equal((4L, 0), (counted.Count, counted.KeyValues.Count));
        Assert.Equal(["p/3", "p/1", "p/2"], created.KeyValues.Select(item => item.KeyText));
    }

    [Fact]
    public void A_prefix_of_the_highest_bytes_reaches_to_the_end()
    {
        Assert.Equal(KeyRange.Between("a", "b"), KeyRange.Prefix("a"));
        Assert.Equal(KeyRange.Between(new byte[] { 1, 255 }, new byte[] { 2 }), KeyRange.Prefix(new byte[] { 1, 255 }));
        Assert.Equal(KeyRange.From(new byte[] { 255, 255 }), KeyRange.Prefix(new byte[] { 255, 255 }));
        Assert.Equal(KeyRange.All, KeyRange.Prefix(""));
    }

    [Fact]
    public async Task A_transaction_takes_the_branch_that_its_conditions_choose()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        TxnBuilder Create() => client.Txn().When(Condition.Missing("k")).Then(Operation.Put("k", "first")).Else(Operation.Range("k"), Operation.Delete("k"));

        TxnResult created = await Create().CommitAsync(Token);
        TxnResult found = await Create().CommitAsync(Token);

        Assert.True(created.Succeeded);
        Assert.IsType<PutResult>(Assert.Single(created.Results));
        Assert.False(found.Succeeded);
        Assert.Equal("first", Assert.IsType<RangeResult>(found.Results[0]).KeyValues[0].ValueText);
        Assert.Equal(1, Assert.IsType<DeleteResult>(found.Results[1]).Deleted);
    }

    [Fact]
    public async Task A_compacted_revision_is_an_exception_of_its_own()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        PutResult first = await client.PutAsync("k", "1", null, Token);
        PutResult second = await client.PutAsync("k", "2", null, Token);
        await client.CompactAsync(second.Revision, cancellationToken: Token);

        CompactedException exception = await Assert.ThrowsAsync<CompactedException>(
            () => client.GetAsync("k", new RangeOptions { Revision = first.Revision }, Token));
        Assert.Equal(RequestOutcome.NotApplied, exception.Outcome);
        Assert.False(exception.IsTransient);
        await Assert.ThrowsAsync<CompactedException>(() => client.CompactAsync(first.Revision, cancellationToken: Token));
    }

    [Fact]
    public async Task A_refused_request_says_that_it_was_not_applied()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();

        QuorateException empty = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("", "x", null, Token));
        QuorateException lease = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("k", "x", new PutOptions { LeaseId = 42 }, Token));

        Assert.Equal((QuorateError.InvalidRequest, RequestOutcome.NotApplied), (empty.Error, empty.Outcome));
        Assert.Equal((QuorateError.LeaseNotFound, RequestOutcome.NotApplied), (lease.Error, lease.Outcome));
    }

    [Fact]
    public async Task An_endpoint_that_nobody_listens_at_is_passed_over_even_for_writes()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        Uri dead = new($"http://127.0.0.1:{EtcdServer.FreePorts().First}");

        // The client begins anywhere in its list: ten of them begin at the dead one often enough.
        for (int attempt = 0; attempt < 10; attempt++)
        {
            await using QuorateClient client = server.NewClient(dead);
            PutResult put = await client.PutAsync($"k{attempt}", "v", null, Token);
            Assert.True(put.Revision > 1);
        }
    }

    [Fact]
    public async Task No_server_at_all_is_unreachable_after_the_request_timeout()
    {
        Uri dead = new($"http://127.0.0.1:{EtcdServer.FreePorts().First}");
        await using QuorateClient client = new(new QuorateClientOptions { Endpoints = [dead], RequestTimeout = TimeSpan.FromMilliseconds(300) });

        QuorateException exception = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("k", "v", null, Token));

        Assert.Equal((QuorateError.Unreachable, RequestOutcome.NotApplied, true), (exception.Error, exception.Outcome, exception.IsTransient));
        Assert.Contains(dead.Authority, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_session_a_write_whose_connection_breaks_is_not_sent_twice_and_its_outcome_is_unknown()
    {
        using MuteServer server = new();
        await using QuorateClient client = new(new QuorateClientOptions
        {
            Endpoints = [server.Url],
            RequestTimeout = TimeSpan.FromSeconds(20),
            UseSessions = false,
        });

        QuorateException exception = await Assert.ThrowsAsync<QuorateException>(() => client.PutAsync("k", "v", null, Token));

        Assert.Equal(RequestOutcome.Unknown, exception.Outcome);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_client_asks_every_endpoint_for_its_status()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        EndpointStatus status = await client.StatusAsync(server.Url, TimeSpan.FromSeconds(5), Token);

        Assert.Equal("solo", status.Name);
        Assert.True(status.IsLeader);
        Assert.NotEqual(0UL, status.ClusterId);
        Assert.StartsWith("3.", status.Version, StringComparison.Ordinal);
    }
}
