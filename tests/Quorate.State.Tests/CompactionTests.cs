using Quorate.Storage;

namespace Quorate.State.Tests;

public class CompactionTests
{
    private readonly Machine _machine = new(new StateOptions { SweepPerEntry = 100 });

    [Fact]
    public void The_compact_revision_itself_stays_readable_and_nothing_below()
    {
        for (int i = 2; i <= 5; i++)
        {
            _machine.Put("a", i.ToString());
        }

        _machine.Compact(4);
        Assert.Equal(4, _machine.Now.CompactRevision);
        Assert.Equal("4", _machine.ValueOf("a", 4));
        Assert.Equal("5", _machine.ValueOf("a", 5));
        Assert.Equal(StateError.Compacted, Assert.Throws<StateException>(() => _machine.ValueOf("a", 3)).Error);
        Assert.Equal(StateError.FutureRevision, Assert.Throws<StateException>(() => _machine.ValueOf("a", 6)).Error);
    }

    [Fact]
    public void Compacting_what_is_compacted_or_not_there_yet_is_refused()
    {
        _machine.Put("a");
        Assert.Equal(StateError.FutureRevision, _machine.ErrorOf(new CompactCommand(3)));
        _machine.Compact(2);
        Assert.Equal(StateError.Compacted, _machine.ErrorOf(new CompactCommand(2)));
        Assert.Equal(StateError.Compacted, _machine.ErrorOf(new CompactCommand(-5)));
    }

    [Fact]
    public void The_newest_live_version_is_kept_however_old()
    {
        _machine.Put("old");
        for (int i = 0; i < 5; i++)
        {
            _machine.Put("a", i.ToString());
        }

        _machine.Compact(7);
        Assert.Equal("v", _machine.ValueOf("old"));
        Assert.Equal("4", _machine.ValueOf("a"));
        Assert.Equal(2, VersionsLeft());
    }

    [Fact]
    public void A_watch_from_the_compact_revision_still_sees_a_deletion_there()
    {
        _machine.Put("a");
        _machine.Delete("a");
        _machine.Put("b");
        _machine.Compact(3);
        Assert.Equal("3:-a 4:+b", _machine.History(Machine.Everything, 3));
        Assert.Equal("", _machine.KeysOf(Machine.Everything, revision: 3));
        var history = new List<RevisionEvents>();
        _machine.Now.ReadHistory(Machine.Everything, 3, 10, history);
        Assert.Null(history[0].Events[0].Previous);

        _machine.Compact(4);
        Assert.Equal(1, VersionsLeft());
    }

    [Fact]
    public void A_key_that_is_put_again_right_after_its_deletion_survives_every_compaction()
    {
        _machine.Put("a", "1");
        _machine.Delete("a");
        _machine.Put("a", "2");
        foreach (long revision in new long[] { 2, 3, 4 })
        {
            _machine.Compact(revision);
            Assert.Equal("2", _machine.ValueOf("a"));
            Assert.Equal(revision == 4 ? "4:+a" : revision == 3 ? "3:-a 4:+a" : "2:+a 3:-a 4:+a", _machine.History(Machine.Key("a"), revision));
        }

        Assert.Equal(1, VersionsLeft());
    }

    [Fact]
    public void Sweeping_goes_in_bounded_steps_and_reads_never_notice()
    {
        var machine = new Machine(new StateOptions { SweepPerEntry = 3, SweepPerCommand = 0 });
        for (int i = 0; i < 20; i++)
        {
            machine.Put("a", i.ToString());
        }

        machine.Compact(21);
        int entries = 1;
        for (; machine.State.IsSweeping; entries++)
        {
            Assert.Equal(StateError.Compacted, Assert.Throws<StateException>(() => machine.ValueOf("a", 20)).Error);
            Assert.Equal("21:+a", machine.History(Machine.Everything, 21));
            machine.Do(new LeaseRefreshCommand([]));
        }

        Assert.Equal(7, entries);
        Assert.Equal(2, machine.Now.Map.Count);
        Assert.Equal(21, machine.Now.Revision);
    }

    [Fact]
    public void A_sweep_goes_on_where_a_snapshot_was_taken()
    {
        var options = new StateOptions { SweepPerEntry = 2, SweepPerCommand = 0 };
        var one = new Machine(options);
        for (int i = 0; i < 12; i++)
        {
            one.Put("a", i.ToString());
        }

        one.Compact(13);
        var other = new Machine(StateMachine.Restore(Maps.LoadedFrom(one.Now.Map), options));
        while (one.State.IsSweeping)
        {
            Assert.True(other.State.IsSweeping);
            one.Do(new LeaseRefreshCommand([]));
            other.Do(new LeaseRefreshCommand([]));
            Assert.Equal(one.Now.StateHash, other.Now.StateHash);
        }

        Assert.Equal(2, other.Now.Map.Count);
        Assert.Equal(one.Now.StateHash, one.Now.ComputeStateHash());
    }

    [Fact]
    public void After_everything_is_deleted_and_compacted_nothing_is_left()
    {
        _machine.Grant(1, 10);
        _machine.Put("a", lease: 1);
        _machine.Put("b\0");
        _machine.Put("b\0");
        _machine.Delete("\0", "\0");
        _machine.Do(new LeaseRevokeCommand(1));
        _machine.Put("last");
        _machine.Delete("last");
        _machine.Put("last");
        _machine.Delete("last");
        _machine.Compact(_machine.Now.Revision);
        Assert.Equal("9:-last", _machine.History(Machine.Everything, 9));
        Assert.Equal(3, _machine.Now.Map.Count);
        _machine.Put("x");
        _machine.Delete("x");
        _machine.Compact(_machine.Now.Revision);
        Assert.Equal("11:-x", _machine.History(Machine.Everything, 11));
        Assert.Equal(3, _machine.Now.Map.Count);
    }

    private int VersionsLeft()
    {
        int count = 0;
        MapCursor cursor = _machine.Now.Map.Seek("k"u8);
        while (cursor.MoveNext() && cursor.Key.Span[0] == (byte)'k')
        {
            count++;
        }

        return count;
    }
}
