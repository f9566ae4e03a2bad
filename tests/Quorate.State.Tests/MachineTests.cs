using Quorate.Storage;

namespace Quorate.State.Tests;

public class MachineTests
{
    [Fact]
    public void State_applied_index_and_clock_appear_together_and_only_when_published()
    {
        var state = new StateMachine(new OrderedMap(), new StateOptions());
        state.BeginEntry(5, 1234, FeatureLevel.Newest);
        state.Apply(CommandCodec.Encode(Machine.PutOf("a")), wantResult: false);
        state.EndEntry();
        Assert.Equal((0UL, 1, 0, 0), (state.Current.AppliedIndex, state.Current.Revision, state.Current.LeaseTimeMs, state.Current.KeyCount));
        Assert.Equal(5UL, state.AppliedIndex);
        StateVersion published = state.Publish();
        Assert.Same(published, state.Current);
        Assert.Equal((5UL, 2, 1234, 1), (published.AppliedIndex, published.Revision, published.LeaseTimeMs, published.KeyCount));
    }

    [Fact]
    public void Entries_come_in_order_and_whole()
    {
        var state = new StateMachine(new OrderedMap(), new StateOptions());
        Assert.Throws<InvalidOperationException>(() => state.Apply(CommandCodec.Encode(Machine.PutOf("a")), wantResult: false));
        Assert.Throws<InvalidOperationException>(state.EndEntry);
        state.BeginEntry(3, 0, FeatureLevel.Newest);
        Assert.Throws<InvalidOperationException>(() => state.BeginEntry(4, 0, FeatureLevel.Newest));
        Assert.Throws<InvalidOperationException>(state.Publish);
        state.EndEntry();
        Assert.Throws<InvalidOperationException>(() => state.BeginEntry(3, 0, FeatureLevel.Newest));
    }

    [Fact]
    public void A_new_machine_wants_an_empty_map_and_a_restored_one_a_map_it_knows()
    {
        var map = new OrderedMap();
        map.Set("stranger"u8, "x"u8);
        Assert.Throws<ArgumentException>(() => new StateMachine(map, new StateOptions()));
        Assert.Equal(StateError.Malformed, Assert.Throws<StateException>(() => StateMachine.Restore(map, new StateOptions())).Error);
        Assert.Equal(1, StateMachine.Restore(new OrderedMap(), new StateOptions()).Current.Revision);
    }

    [Fact]
    public void A_restored_machine_knows_everything_the_snapshot_knew()
    {
        var machine = new Machine { TimeMs = 77 };
        machine.Grant(1, 60);
        machine.Put("a", "1", lease: 1);
        machine.Put("a", "2", lease: 1);
        machine.Compact(2);
        StateVersion saved = machine.Now;
        StateVersion loaded = StateMachine.Restore(Maps.LoadedFrom(saved.Map), new StateOptions()).Current;
        Assert.Equal(
            (saved.AppliedIndex, saved.Revision, saved.CompactRevision, saved.LeaseTimeMs, saved.KeyCount, saved.LogicalBytes, saved.StateHash),
            (loaded.AppliedIndex, loaded.Revision, loaded.CompactRevision, loaded.LeaseTimeMs, loaded.KeyCount, loaded.LogicalBytes, loaded.StateHash));
        Assert.Equal(Describe.KeyValue(saved.Get(Machine.Bytes("a"))), Describe.KeyValue(loaded.Get(Machine.Bytes("a"))));
        Assert.Equal(saved.FindLease(1), loaded.FindLease(1));
    }

    [Fact]
    public void A_key_written_once_is_one_map_entry_with_one_byte_beside_its_value()
    {
        var machine = new Machine();
        long before = machine.Now.LogicalBytes;
        machine.Put(new string('k', 16), new string('v', 256));
        Assert.Equal(2, machine.Now.Map.Count);
        Assert.Equal(16 + 10 + 256 + 1, machine.Now.LogicalBytes - before);
    }

    [Fact]
    public void Events_own_their_bytes()
    {
        var machine = new Machine();
        byte[] bytes = CommandCodec.Encode(Machine.PutOf("a", "1"));
        machine.DoBytes(bytes);
        Array.Clear(bytes);
        Assert.Equal("a=1(c2 m2 v1 l0)", Describe.KeyValue(machine.Seen[0].Events[0].Current));
    }
}
