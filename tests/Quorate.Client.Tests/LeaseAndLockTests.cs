namespace Quorate.Client.Tests;

public sealed class LeaseAndLockTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lease_is_granted_listed_renewed_and_revoked_with_its_keys()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        LeaseInfo lease = await client.GrantLeaseAsync(TimeSpan.FromSeconds(60), 77, Token);
        await client.PutAsync("k", "v", new PutOptions { LeaseId = lease.Id }, Token);
        LeaseInfo? seen = await client.GetLeaseAsync(77, withKeys: true, Token);
        TimeSpan? renewed = await client.RenewLeaseAsync(77, Token);
        IReadOnlyList<long> listed = await client.ListLeasesAsync(Token);
        await client.RevokeLeaseAsync(77, Token);

        Assert.Equal(TimeSpan.FromSeconds(60), seen!.Granted);
        Assert.Single(seen.Keys);
        Assert.Equal(TimeSpan.FromSeconds(60), renewed);
        Assert.Equal([77L], listed);
        Assert.Null(await client.GetAsync("k", null, Token));
        Assert.Null(await client.GetLeaseAsync(77, cancellationToken: Token));
        Assert.Null(await client.RenewLeaseAsync(77, Token));
        QuorateException gone = await Assert.ThrowsAsync<QuorateException>(() => client.RevokeLeaseAsync(77, Token));
        Assert.Equal(QuorateError.LeaseNotFound, gone.Error);
    }

    [Fact]
    public async Task A_held_lease_outlives_its_time_to_live_and_ends_with_its_handle()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        await using LeaseHandle lease = await client.HoldLeaseAsync(TimeSpan.FromSeconds(2), Token);
        await client.PutAsync("k", "v", new PutOptions { LeaseId = lease.Id }, Token);
        await Task.Delay(lease.TimeToLive * 2, Token);
        bool isLost = lease.Lost.IsCancellationRequested;
        KeyValue? kept = await client.GetAsync("k", null, Token);
        await lease.DisposeAsync();

        Assert.False(isLost);
        Assert.NotNull(kept);
        Assert.Null(await client.GetAsync("k", null, Token));
        Assert.True(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lease_that_somebody_revokes_is_lost()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        await using LeaseHandle lease = await client.HoldLeaseAsync(TimeSpan.FromSeconds(3), Token);
        await client.RevokeLeaseAsync(lease.Id, Token);
        await lease.Lost.WaitAsync(Patience, Token);
        Assert.True(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lease_is_lost_in_time_when_its_server_dies()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        await using LeaseHandle lease = await client.HoldLeaseAsync(TimeSpan.FromSeconds(3), Token);
        await server.KillAsync();
        await lease.Lost.WaitAsync(Patience, Token);
        Assert.True(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lock_goes_from_one_holder_to_the_next_with_a_greater_token()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        LockHandle first = await client.LockAsync("l", cancellationToken: Token);
        Task<LockHandle> waiting = client.LockAsync("l", cancellationToken: Token);
        await Waiting.UntilAsync(async () => (await client.RangeAsync(KeyRange.Prefix("l/"), null, Token)).Count == 2, Patience, Token);
        bool isEarly = waiting.IsCompleted;
        await first.DisposeAsync();
        await using LockHandle second = await waiting;

        Assert.False(isEarly);
        Assert.True(first.Lost.IsCancellationRequested);
        Assert.True(second.FencingToken > first.FencingToken);
        Assert.False(second.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lock_whose_key_somebody_deletes_is_lost()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        await using LockHandle held = await client.LockAsync("l", cancellationToken: Token);
        await client.DeleteAsync(KeyRange.Single(held.Key), cancellationToken: Token);
        await held.Lost.WaitAsync(Patience, Token);
        Assert.True(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_for_a_lock_leaves_nothing_behind()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        await using QuorateClient client = server.NewClient();
        await using LockHandle held = await client.LockAsync("l", cancellationToken: Token);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<LockHandle> waiting = client.LockAsync("l", cancellationToken: patience.Token);
        await Waiting.UntilAsync(async () => (await client.RangeAsync(KeyRange.Prefix("l/"), null, Token)).Count == 2, Patience, Token);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(1, (await client.RangeAsync(KeyRange.Prefix("l/"), null, Token)).Count);
    }
}
