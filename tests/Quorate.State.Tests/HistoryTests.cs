namespace Quorate.State.Tests;

public class HistoryTests
{
    private readonly Machine _machine = new();

    [Fact]
    public void History_comes_in_whole_revisions_ascending_with_what_was_before()
    {
        _machine.Put("a", "1");
        _machine.Txn(Machine.PutOf("b", "1"), Machine.PutOf("a", "2"));
        _machine.Delete("a", "c");
        Assert.Equal("2:+a 3:+b,+a 4:-a,-b", _machine.History(Machine.Everything, 1));
        var history = new List<RevisionEvents>();
        Assert.Equal(5, _machine.Now.ReadHistory(Machine.Key("a"), 2, 10, history));
        Assert.Equal(
            "2:put a=1(c2 m2 v1 l0)<-\n3:put a=2(c2 m3 v2 l0)<a=1(c2 m2 v1 l0)\n4:del a=(c0 m4 v0 l0)<a=2(c2 m3 v2 l0)",
            Describe.History(history));
    }

    [Fact]
    public void History_equals_what_the_observer_saw()
    {
        _machine.Put("a", "1");
        _machine.Txn(Machine.PutOf("b", "1"), Machine.DeleteOf("a"), Machine.PutOf("c"));
        _machine.Put("b", "2");
        var history = new List<RevisionEvents>();
        _machine.Now.ReadHistory(Machine.Everything, 0, 100, history);
        Assert.Equal(Describe.History(_machine.Seen), Describe.History(history));
    }

    [Fact]
    public void A_long_history_is_read_in_pieces_that_meet_exactly()
    {
        for (int i = 0; i < 100; i++)
        {
            _machine.Put($"k{i * 7 % 10}", i.ToString());
        }

        var history = new List<RevisionEvents>();
        long next = 1;
        int reads = 0;
        while (next <= _machine.Now.Revision)
        {
            next = _machine.Now.ReadHistory(Machine.Everything, next, 9, history);
            reads++;
        }

        Assert.Equal(12, reads);
        Assert.Equal(102, next);
        Assert.Equal(Describe.History(_machine.Seen), Describe.History(history));
    }

    [Fact]
    public void The_history_of_a_key_that_is_overwritten_all_the_time_is_read_from_its_old_end()
    {
        for (int i = 0; i < 5000; i++)
        {
            _machine.Put(i % 50 == 0 ? "cold" : "hot", i.ToString());
        }

        var history = new List<RevisionEvents>();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(112, _machine.Now.ReadHistory(Machine.Everything, 102, 10, history));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 50_000);
        Assert.Equal(Describe.History(_machine.Seen.Skip(100).Take(10)), Describe.History(history));
    }

    [Fact]
    public void History_of_more_changes_than_are_kept_at_once_is_whole()
    {
        var random = new Chance(3);
        for (int round = 0; round < 30; round++)
        {
            _machine.Txn(Enumerable.Range(0, 400).Select(i => (Command)Machine.PutOf($"{i:d3}", random.Below(9).ToString())).ToArray());
        }

        var history = new List<RevisionEvents>();
        Assert.Equal(5, _machine.Now.ReadHistory(Machine.Everything, 2, 3, history));
        Assert.Equal(Describe.History(_machine.Seen.Take(3)), Describe.History(history));
    }

    [Fact]
    public void A_future_revision_delivers_nothing_and_is_where_to_go_on()
    {
        _machine.Put("a");
        var history = new List<RevisionEvents>();
        Assert.Equal(3, _machine.Now.ReadHistory(Machine.Everything, 3, 10, history));
        Assert.Equal(100, _machine.Now.ReadHistory(Machine.Everything, 100, 10, history));
        Assert.Empty(history);
    }

    [Fact]
    public void A_compacted_revision_is_refused()
    {
        _machine.Put("a");
        _machine.Put("a");
        _machine.Compact(3);
        var history = new List<RevisionEvents>();
        Assert.Equal(StateError.Compacted, Assert.Throws<StateException>(() => _machine.Now.ReadHistory(Machine.Everything, 2, 10, history)).Error);
    }

    [Fact]
    public void Without_an_observer_the_state_is_the_same()
    {
        var deaf = new Machine();
        deaf.State.Observer = null;
        foreach (Machine machine in new[] { _machine, deaf })
        {
            machine.Put("a");
            machine.Txn(Machine.PutOf("b"), Machine.DeleteOf("a"));
        }

        Assert.Empty(deaf.Seen);
        Assert.Equal(2, _machine.Seen.Count);
        Assert.Equal(_machine.Now.StateHash, deaf.Now.StateHash);
    }
}
