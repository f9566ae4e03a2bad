namespace Quorate.State.Tests;

public class LeaseTests
{
    private readonly Machine _machine = new() { TimeMs = 100_000 };

    [Fact]
    public void A_lease_is_granted_once()
    {
        Assert.Equal("lease 7 ttl 60 at 1", Describe.Result(_machine.Do(new LeaseGrantCommand(7, 60))));
        Assert.Equal(StateError.LeaseExists, _machine.ErrorOf(new LeaseGrantCommand(7, 5)));
        Assert.Equal(new LeaseInfo(7, 60, 160_000, 60), _machine.Now.FindLease(7));
        Assert.Null(_machine.Now.FindLease(8));
        Assert.Equal([7], _machine.Now.Leases());
        Assert.Equal(1, _machine.Now.Revision);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    [InlineData(1, 9_000_000_001)]
    public void A_lease_without_id_or_with_an_impossible_time_is_malformed(long id, long ttlSeconds)
    {
        Assert.Equal(StateError.Malformed, _machine.ErrorOf(new LeaseGrantCommand(id, ttlSeconds)));
        Assert.False(_machine.State.HasLeases);
    }

    [Fact]
    public void The_longest_lease_and_a_negative_id_are_leases_like_others()
    {
        _machine.Grant(-3, 9_000_000_000);
        _machine.Grant(3, 5);
        Assert.Equal([3, -3], _machine.Now.Leases());
        Assert.Equal(9_000_000_000, _machine.Now.FindLease(-3)!.RemainingSeconds);
        _machine.Put("a", lease: -3);
        Assert.Equal(["a"], _machine.Now.LeaseKeys(-3).Select(Machine.Text));
        Assert.Equal(-3, _machine.Now.Get(Machine.Bytes("a"))!.Lease);
    }

    [Fact]
    public void A_put_hangs_its_key_on_its_lease_and_takes_it_off_any_other()
    {
        _machine.Grant(1, 60);
        _machine.Grant(2, 60);
        Assert.Equal(StateError.LeaseNotFound, _machine.ErrorOf(Machine.PutOf("a", lease: 3)));
        _machine.Put("a", lease: 1);
        _machine.Put("b", lease: 1);
        Assert.Equal("a b", Keys(1));
        _machine.Put("a", lease: 2);
        Assert.Equal(("b", "a"), (Keys(1), Keys(2)));
        _machine.Put("a");
        Assert.Equal("", Keys(2));
        _machine.Delete("b");
        Assert.Equal("", Keys(1));
        _machine.Do(new LeaseRevokeCommand(1));
        Assert.Equal("a", _machine.KeysOf(Machine.Everything));
    }

    [Fact]
    public void Revoking_deletes_the_keys_in_order_in_one_revision()
    {
        _machine.Grant(1, 60);
        _machine.Put("c", lease: 1);
        _machine.Put("a\0", lease: 1);
        _machine.Put("b", lease: 1);
        _machine.Put("keep");
        Assert.Equal(new EmptyResult(6), _machine.Do(new LeaseRevokeCommand(1)));
        Assert.Equal("6:-a\0,-b,-c", Machine.Describe(_machine.Seen[^1..]));
        Assert.Equal("keep", _machine.KeysOf(Machine.Everything));
        Assert.Equal(StateError.LeaseNotFound, _machine.ErrorOf(new LeaseRevokeCommand(1)));
        Assert.False(_machine.State.HasLeases);
    }

    [Fact]
    public void Revoking_a_lease_without_keys_makes_no_revision()
    {
        _machine.Grant(1, 60);
        Assert.Equal(new EmptyResult(1), _machine.Do(new LeaseRevokeCommand(1)));
    }

    [Fact]
    public void A_refresh_sets_the_deadline_from_the_time_of_its_entry()
    {
        _machine.Grant(1, 10);
        _machine.Grant(2, 20);
        _machine.TimeMs += 8000;
        _machine.Do(new LeaseRefreshCommand([1, 99]));
        Assert.Equal(new LeaseInfo(1, 10, 118_000, 10), _machine.Now.FindLease(1));
        Assert.Equal(new LeaseInfo(2, 20, 120_000, 12), _machine.Now.FindLease(2));
    }

    [Fact]
    public void Remaining_seconds_are_rounded_down_and_never_negative()
    {
        _machine.Grant(1, 10);
        _machine.TimeMs += 1;
        _machine.Put("a");
        Assert.Equal(9, _machine.Now.FindLease(1)!.RemainingSeconds);
        _machine.TimeMs += 60_000;
        _machine.Put("a");
        Assert.Equal(0, _machine.Now.FindLease(1)!.RemainingSeconds);
    }

    [Fact]
    public void Lease_time_is_the_highest_stamp_seen()
    {
        _machine.Put("a");
        _machine.TimeMs = 50_000;
        _machine.Grant(1, 10);
        Assert.Equal(100_000, _machine.Now.LeaseTimeMs);
        Assert.Equal(110_000, _machine.Now.FindLease(1)!.DeadlineMs);
    }

    [Fact]
    public void An_expiry_is_checked_again_when_it_is_applied()
    {
        _machine.Grant(1, 10);
        _machine.Grant(2, 10);
        _machine.Put("a", lease: 1);
        _machine.Put("b", lease: 2);
        _machine.TimeMs += 5000;
        _machine.Do(new LeaseRefreshCommand([2]));
        _machine.TimeMs += 4999;
        _machine.Do(new LeaseExpireCommand([1, 2, 99]));
        Assert.Equal("a b", _machine.KeysOf(Machine.Everything));
        _machine.TimeMs += 1;
        _machine.Do(new LeaseExpireCommand([1, 2, 1]));
        Assert.Equal("b", _machine.KeysOf(Machine.Everything));
        Assert.Equal([2], _machine.Now.Leases());
    }

    [Fact]
    public void Each_expired_lease_is_a_revision_of_its_own()
    {
        _machine.Grant(1, 10);
        _machine.Grant(2, 10);
        _machine.Put("a", lease: 1);
        _machine.Put("b", lease: 2);
        _machine.Put("c", lease: 1);
        _machine.TimeMs += 10_000;
        Assert.Equal(new EmptyResult(6), _machine.Do(new LeaseExpireCommand([1, 2])));
        Assert.Equal("5:-a,-c 6:-b", Machine.Describe(_machine.Seen[^2..]));
    }

    [Fact]
    public void Expired_leases_are_collected_earliest_first_and_so_after_a_restore()
    {
        _machine.Grant(5, 30);
        _machine.Grant(4, 10);
        _machine.Grant(3, 20);
        _machine.Grant(2, 10);
        StateMachine restored = StateMachine.Restore(Maps.LoadedFrom(_machine.Now.Map), new StateOptions());
        foreach (StateMachine machine in new[] { _machine.State, restored })
        {
            Assert.True(machine.HasLeases);
            Assert.Equal([], Expired(machine, 109_999));
            Assert.Equal([2, 4], Expired(machine, 110_000));
            Assert.Equal([2, 4, 3], Expired(machine, 120_000));
            Assert.Equal([2], Expired(machine, 999_999, max: 1));
        }
    }

    [Fact]
    public void Revoked_and_refreshed_leases_leave_nothing_behind_in_the_order_of_deadlines()
    {
        for (int i = 0; i < 1000; i++)
        {
            _machine.Grant(1, 9_000_000_000);
            _machine.Do(new LeaseRefreshCommand([1]));
            _machine.Do(new LeaseRevokeCommand(1));
        }

        Assert.False(_machine.State.HasLeases);
        Assert.Equal(1, _machine.Now.Map.Count);
    }

    private static List<long> Expired(StateMachine machine, long leaseTimeMs, int max = 10)
    {
        var into = new List<long>();
        machine.CollectExpired(leaseTimeMs, max, into);
        return into;
    }

    private string Keys(long id) => string.Join(' ', _machine.Now.LeaseKeys(id).Select(Machine.Text));
}
