namespace Quorate.State.Tests;

public class TxnTests
{
    private readonly Machine _machine = new();

    [Fact]
    public void All_writes_of_a_transaction_share_one_revision_and_keep_their_order()
    {
        TxnResult result = _machine.Txn(Machine.PutOf("b"), Machine.PutOf("a"), Machine.DeleteOf("x"), Machine.PutOf("c"));
        Assert.Equal(2, _machine.Now.Revision);
        Assert.Equal([2, 2, 2, 2], result.Responses.Select(response => response.Revision));
        Assert.Equal("2:+b,+a,+c", Machine.Describe(_machine.Seen));
        Assert.Equal("2:+b,+a,+c", _machine.History(Machine.Everything, 1));
    }

    [Fact]
    public void A_transaction_that_changes_nothing_makes_no_revision()
    {
        _machine.Put("a");
        TxnResult result = _machine.Txn(Machine.DeleteOf("zz"), Machine.RangeOf("a"));
        Assert.Equal(2, result.Revision);
        Assert.Equal([2, 2], result.Responses.Select(response => response.Revision));
        Assert.Equal(2, _machine.Now.Revision);
        Assert.Single(_machine.Seen);
    }

    [Fact]
    public void Reads_see_the_writes_before_them_unless_they_name_a_revision()
    {
        _machine.Put("a", "old");
        TxnResult result = _machine.Txn(
            Machine.RangeOf("a"), Machine.PutOf("a", "new"), Machine.RangeOf("a"), Machine.RangeOf("a", revision: 2));
        Assert.Equal(
            "range at 2: a=old(c2 m2 v1 l0) more False count 1; put at 3 over -; range at 3: a=new(c2 m3 v2 l0) more False count 1; "
                + "range at 3: a=old(c2 m2 v1 l0) more False count 1",
            string.Join("; ", result.Responses.Select(Describe.Result)));
    }

    [Fact]
    public void A_read_of_a_compacted_or_future_revision_refuses_the_whole_transaction()
    {
        _machine.Put("a");
        _machine.Put("a");
        _machine.Put("a");
        _machine.Compact(3);
        Assert.Equal(StateError.Compacted, _machine.ErrorOf(Machine.TxnOf(Machine.PutOf("b"), Machine.RangeOf("a", revision: 2))));
        Assert.Equal(StateError.FutureRevision, _machine.ErrorOf(Machine.TxnOf(Machine.PutOf("b"), Machine.RangeOf("a", revision: 5))));
        Assert.Null(_machine.ValueOf("b"));
        Assert.Equal(4, _machine.Now.Revision);
        _machine.Txn(Machine.RangeOf("a", revision: 3));
    }

    [Fact]
    public void One_failing_check_anywhere_on_the_branch_that_runs_leaves_everything_as_it_was()
    {
        _machine.Put("a");
        UInt128 before = _machine.Now.StateHash;
        Assert.Equal(StateError.LeaseNotFound, _machine.ErrorOf(Machine.TxnOf(Machine.PutOf("b"), Machine.PutOf("c", lease: 9))));
        Assert.Equal(StateError.KeyNotFound, _machine.ErrorOf(Machine.TxnOf(Machine.DeleteOf("a"), Machine.TxnOf(Machine.PutOf("b") with { IgnoreValue = true }))));
        Assert.Equal(before, _machine.Now.StateHash);
        Assert.Single(_machine.Seen);
    }

    [Fact]
    public void Checks_on_the_branch_that_does_not_run_do_not_count()
    {
        var txn = new TxnCommand([], [Machine.PutOf("a")], [Machine.PutOf("b", lease: 9), Machine.RangeOf("a", revision: 99)]);
        Assert.True(Assert.IsType<TxnResult>(_machine.Do(txn)).Succeeded);
    }

    [Fact]
    public void Nested_branches_are_chosen_on_the_state_before_any_write()
    {
        var nested = new TxnCommand(
            [new Compare(Machine.Key("a"), CompareTarget.Version, CompareResult.Equal, 0, default)],
            [Machine.PutOf("absent")],
            [Machine.PutOf("present")]);
        _machine.Txn(Machine.PutOf("a"), nested);
        Assert.Equal("a absent", _machine.KeysOf(Machine.Everything));
    }

    [Theory]
    [InlineData(CompareTarget.Version, CompareResult.Equal, 0, true)]
    [InlineData(CompareTarget.Create, CompareResult.Less, 1, true)]
    [InlineData(CompareTarget.Mod, CompareResult.Greater, 0, false)]
    [InlineData(CompareTarget.Lease, CompareResult.NotEqual, 0, false)]
    [InlineData(CompareTarget.Value, CompareResult.Equal, 0, false)]
    [InlineData(CompareTarget.Value, CompareResult.NotEqual, 0, false)]
    public void A_missing_key_has_zeros_and_a_value_that_nothing_compares_with(CompareTarget target, CompareResult result, long number, bool holds)
    {
        var command = new TxnCommand([new Compare(Machine.Key("a"), target, result, number, default)], [], []);
        Assert.Equal(holds, Assert.IsType<TxnResult>(_machine.Do(command)).Succeeded);
        _machine.Put("a");
        _machine.Delete("a");
        Assert.Equal(holds, Assert.IsType<TxnResult>(_machine.Do(command)).Succeeded);
    }

    [Fact]
    public void A_compare_over_a_range_must_hold_for_every_key_in_it()
    {
        _machine.Put("a", "x");
        _machine.Put("b", "x");
        _machine.Put("c", "y");
        Assert.True(Holds(Machine.Span("a", "c")));
        Assert.False(Holds(Machine.Span("a", "d")));
        Assert.False(Holds(Machine.Span("x", "z")));
        Assert.False(Holds(Machine.Span("b", "a")));

        bool Holds(KeyRange range) => Assert.IsType<TxnResult>(_machine.Do(new TxnCommand(
            [new Compare(range, CompareTarget.Value, CompareResult.Equal, 0, Machine.Bytes("x"))], [], []))).Succeeded;
    }

    public static TheoryData<string, StateError, TxnCommand> Overlaps => new()
    {
        { "one put", StateError.None, Machine.TxnOf(Machine.PutOf("a")) },
        { "two keys", StateError.None, Machine.TxnOf(Machine.PutOf("a"), Machine.PutOf("b")) },
        { "two puts", StateError.DuplicateKey, Machine.TxnOf(Machine.PutOf("a"), Machine.PutOf("b"), Machine.PutOf("a")) },
        { "put, delete", StateError.DuplicateKey, Machine.TxnOf(Machine.PutOf("b"), Machine.DeleteOf("b")) },
        { "delete range, put", StateError.DuplicateKey, Machine.TxnOf(Machine.DeleteOf("a", "c"), Machine.PutOf("b")) },
        { "delete up to the put", StateError.None, Machine.TxnOf(Machine.DeleteOf("a", "b"), Machine.PutOf("b")) },
        { "delete all above", StateError.DuplicateKey, Machine.TxnOf(Machine.DeleteOf("a", "\0"), Machine.PutOf("z")) },
        { "two deletes", StateError.None, Machine.TxnOf(Machine.DeleteOf("a", "c"), Machine.DeleteOf("b")) },
        { "read what is put", StateError.None, Machine.TxnOf(Machine.RangeOf("a"), Machine.PutOf("a"), Machine.RangeOf("a")) },
        { "in the branch that does not run", StateError.DuplicateKey, new TxnCommand([], [], [Machine.PutOf("a"), Machine.PutOf("a")]) },
        { "in both branches", StateError.None, new TxnCommand([], [Machine.PutOf("a")], [Machine.PutOf("a")]) },
        { "nested branches", StateError.None, Machine.TxnOf(new TxnCommand([], [Machine.PutOf("a")], [Machine.DeleteOf("a"), Machine.PutOf("b")])) },
        { "put and nested put", StateError.DuplicateKey, Machine.TxnOf(Machine.TxnOf(Machine.PutOf("a")), Machine.PutOf("a")) },
        { "put and else-branch", StateError.DuplicateKey, Machine.TxnOf(new TxnCommand([], [], [Machine.DeleteOf("a")]), Machine.PutOf("a")) },
        { "two nested", StateError.DuplicateKey, Machine.TxnOf(Machine.TxnOf(Machine.PutOf("a")), Machine.TxnOf(Machine.DeleteOf("a"))) },
        {
            "a range over puts of its own and of another",
            StateError.DuplicateKey,
            Machine.TxnOf(new TxnCommand([], [Machine.PutOf("a"), Machine.PutOf("b")], [Machine.DeleteOf("a", "z")]), Machine.PutOf("c"))
        },
    };

    [Theory]
    [MemberData(nameof(Overlaps))]
    public void Two_writes_of_one_branch_may_not_touch_one_key(string name, StateError expected, TxnCommand txn)
    {
        Assert.False(string.IsNullOrEmpty(name));
        Assert.Equal(expected, TxnRules.Verify(txn));
        CommandResult result = _machine.Do(txn);
        Assert.Equal(expected, (result as ErrorResult)?.Error ?? StateError.None);
    }

    [Fact]
    public void A_transaction_is_a_read_only_if_no_branch_can_write_however_deep()
    {
        TxnCommand reads = new([], [Machine.RangeOf("a"), Machine.TxnOf(Machine.RangeOf("b"))], [Machine.TxnOf()]);
        Assert.True(TxnRules.IsReadOnly(Machine.TxnOf()));
        Assert.True(TxnRules.IsReadOnly(reads));
        Assert.False(TxnRules.IsReadOnly(reads with { Failure = [Machine.DeleteOf("none")] }));
        Assert.False(TxnRules.IsReadOnly(reads with { Success = [new TxnCommand([], [], [Machine.TxnOf(Machine.PutOf("a"))])] }));
        Assert.Throws<ArgumentException>(() => _machine.Now.Read(Machine.TxnOf(Machine.PutOf("a"))));
    }

    [Fact]
    public void A_transaction_of_more_operations_than_the_bound_is_malformed()
    {
        Command[] operations = Enumerable.Repeat<Command>(Machine.DeleteOf("a"), TxnRules.MaxOperations).ToArray();
        Assert.Equal(StateError.None, TxnRules.Verify(Machine.TxnOf(operations)));
        Assert.Equal(StateError.Malformed, TxnRules.Verify(Machine.TxnOf(Machine.TxnOf(operations))));
    }
}
