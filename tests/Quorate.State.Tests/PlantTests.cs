namespace Quorate.State.Tests;

/// <summary>Each planted bug shows, and production plants none.</summary>
public class PlantTests
{
    [Fact]
    public void Nothing_is_planted_by_default() => Assert.Equal(StatePlants.None, new StateOptions().Plants);

    [Fact]
    public void A_shortened_lease_ends_before_its_time()
    {
        Machine machine = Planted(StatePlants.LeaseShortened);
        machine.Grant(1, 10);
        Assert.Equal(5000, machine.Now.FindLease(1)!.DeadlineMs);
    }

    [Fact]
    public void An_unchecked_expiry_takes_a_lease_that_was_refreshed()
    {
        Machine machine = Planted(StatePlants.LeaseExpiryUnchecked);
        machine.Grant(1, 10);
        machine.Do(new LeaseExpireCommand([1]));
        Assert.Empty(machine.Now.Leases());
    }

    [Fact]
    public void A_lost_watch_event_is_in_the_history_but_was_not_told()
    {
        Machine machine = Planted(StatePlants.WatchEventLost);
        for (int i = 0; i < 20; i++)
        {
            machine.Put("a");
        }

        Assert.Equal(20, machine.Now.Revision - 1);
        Assert.Equal(18, machine.Seen.Count);
    }

    [Fact]
    public void A_dropped_tombstone_is_missing_at_the_compact_revision()
    {
        Machine machine = Planted(StatePlants.CompactionDropsTombstone);
        machine.Put("a");
        machine.Delete("a");
        machine.Compact(3);
        Assert.Equal("", machine.History(Machine.Everything, 3));
    }

    [Fact]
    public void A_retry_that_is_applied_writes_again()
    {
        Machine machine = Planted(StatePlants.SessionRetryApplied);
        machine.Do(new OpenSessionCommand(1));
        machine.Do(new SessionCommand(1, 1, 0, Machine.PutOf("a")));
        machine.Do(new SessionCommand(1, 1, 0, Machine.PutOf("a")));
        Assert.Equal(3, machine.Now.Revision);
    }

    [Fact]
    public void Answers_that_are_not_in_a_snapshot_are_not_known_behind_it()
    {
        var options = new StateOptions { Plants = StatePlants.SessionsNotInSnapshot };
        var machine = new Machine(options);
        machine.Do(new OpenSessionCommand(1));
        machine.Do(new SessionCommand(1, 1, 0, Machine.PutOf("a")));
        var other = new Machine(StateMachine.Restore(Maps.LoadedFrom(machine.Now.Map), options));
        other.Do(new SessionCommand(1, 1, 0, Machine.PutOf("a")));
        Assert.Equal(3, other.Now.Revision);
    }

    [Fact]
    public void A_session_that_is_opened_again_takes_what_it_took_before()
    {
        var machine = new Machine(new StateOptions { Plants = StatePlants.SessionReopened, Sessions = new SessionLimits { MaxSessions = 1 } });
        machine.Do(new OpenSessionCommand(1));
        machine.Do(new SessionCommand(1, 1, 0, Machine.PutOf("a")));
        machine.Do(new OpenSessionCommand(2));
        machine.Do(new SessionCommand(1, 1, 0, Machine.PutOf("a")));
        Assert.Equal(3, machine.Now.Revision);
    }

    private static Machine Planted(StatePlants plants) => new(new StateOptions { Plants = plants });
}
