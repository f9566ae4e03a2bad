namespace Quorate.State.Tests;

/// <summary>What comes again under its session and number takes effect once and is answered the same.</summary>
public class SessionTests
{
    private static readonly UInt128 Id = new(0x0123456789abcdef, 0xfedcba9876543210);

    private readonly Machine _machine = new();

    [Fact]
    public void A_repeat_gets_the_first_answer_and_changes_nothing()
    {
        Open(_machine, Id);
        CommandResult first = Do(1, Machine.PutOf("a", "1") with { ReturnPrevious = true });
        _machine.Put("a", "2");
        UInt128 before = _machine.Now.StateHash;
        CommandResult again = Do(1, Machine.PutOf("a", "1") with { ReturnPrevious = true });
        Assert.Equal(new PutResult(2, null), first);
        Assert.Equal(first, again);
        Assert.Equal("2", _machine.ValueOf("a"));
        Assert.Equal(before, _machine.Now.StateHash);
    }

    [Fact]
    public void Every_kind_of_answer_is_the_same_again()
    {
        Open(_machine, Id);
        _machine.Put("a", "old");
        _machine.Put("b", "old");
        Command[] commands =
        [
            Machine.PutOf("a", "new") with { ReturnPrevious = true },
            Machine.TxnOf(Machine.PutOf("c"), Machine.RangeOf("a", "z"), Machine.TxnOf(Machine.DeleteOf("c")), Machine.DeleteOf("x")),
            new DeleteRangeCommand(Machine.Span("a", "z"), ReturnPrevious: true),
            new LeaseGrantCommand(7, 60),
            new LeaseGrantCommand(7, 60),
            Machine.PutOf("d", "", lease: 7),
            new LeaseRevokeCommand(7),
            new CompactCommand(3),
            new CompactCommand(3),
            Machine.PutOf("e", "", lease: 7),
        ];
        List<string> first = [.. commands.Select((command, i) => Describe.Result(Do(i + 1, command)))];
        Assert.Contains(nameof(StateError.LeaseExists), first[4], StringComparison.Ordinal);
        UInt128 before = _machine.Now.StateHash;
        List<string> again = [.. commands.Select((command, i) => Describe.Result(Do(i + 1, command)))];
        Assert.Equal(first, again);
        Assert.Equal(before, _machine.Now.StateHash);
    }

    [Fact]
    public void A_refusal_is_an_answer_too_even_when_the_command_would_succeed_by_now()
    {
        Open(_machine, Id);
        Assert.Equal(StateError.LeaseNotFound, ErrorOf(1, Machine.PutOf("a", "v", lease: 5)));
        _machine.Grant(5, 60);
        Assert.Equal(StateError.LeaseNotFound, ErrorOf(1, Machine.PutOf("a", "v", lease: 5)));
        Assert.Null(_machine.ValueOf("a"));
    }

    [Fact]
    public void Numbers_may_come_in_any_order()
    {
        Open(_machine, Id);
        foreach (long sequence in (long[])[3, 1, 2, 3, 1, 2])
        {
            Do(sequence, Machine.PutOf($"k{sequence}"));
        }

        Assert.Equal(4, _machine.Now.Revision);
    }

    [Fact]
    public void A_session_that_was_never_opened_is_refused()
    {
        UInt128 before = _machine.Now.StateHash;
        Assert.Equal(StateError.SessionExpired, ErrorOf(1, Machine.PutOf("a")));
        Assert.Equal(before, _machine.Now.StateHash);
    }

    [Fact]
    public void What_was_acknowledged_is_not_kept_and_not_taken_any_more()
    {
        Open(_machine, Id);
        long empty = _machine.Now.Map.LogicalBytes;
        Do(1, new CompactCommand(9));
        Do(2, new CompactCommand(9));
        long two = _machine.Now.Map.LogicalBytes;
        Do(3, new CompactCommand(9), acknowledged: 2);
        Assert.Equal(two - empty, 2 * (_machine.Now.Map.LogicalBytes - empty));
        Assert.Equal(StateError.SequenceAcknowledged, ErrorOf(2, Machine.PutOf("a")));
        Assert.Equal(StateError.SequenceAcknowledged, ErrorOf(1, Machine.PutOf("a")));
        Assert.Equal(1, _machine.Now.Revision);
    }

    [Fact]
    public void A_number_too_far_ahead_is_refused_and_may_come_again_later()
    {
        var machine = new Machine(Limited(new SessionLimits { Window = 2 }));
        Open(machine, Id);
        Assert.Equal(StateError.SessionWindow, machine.ErrorOf(InSession(3, Machine.PutOf("a"))));
        machine.Do(InSession(2, Machine.PutOf("a")));
        machine.Do(InSession(3, Machine.PutOf("a"), acknowledged: 1));
        Assert.Equal(3, machine.Now.Revision);
    }

    [Fact]
    public void A_number_used_for_another_kind_of_command_is_refused()
    {
        Open(_machine, Id);
        Do(1, Machine.PutOf("a"));
        Assert.Equal(StateError.SequenceReused, ErrorOf(1, Machine.DeleteOf("a")));
        Assert.NotNull(_machine.ValueOf("a"));
    }

    [Fact]
    public void Of_an_answer_too_large_to_keep_it_is_known_that_it_was_given()
    {
        var machine = new Machine(Limited(new SessionLimits { MaxAnswerBytes = 100 }));
        Open(machine, Id);
        machine.Put("a", new string('v', 200));
        SessionCommand delete = InSession(1, new DeleteRangeCommand(Machine.Everything, ReturnPrevious: true));
        Assert.Equal(1, Assert.IsType<DeleteRangeResult>(machine.Do(delete)).Deleted);
        machine.Put("b");
        Assert.Equal(StateError.AnswerNotKept, machine.ErrorOf(delete));
        Assert.NotNull(machine.ValueOf("b"));
    }

    [Fact]
    public void One_session_too_many_and_the_longest_unused_is_forgotten_and_refuses()
    {
        var machine = new Machine(Limited(new SessionLimits { MaxSessions = 2 }));
        for (int number = 1; number <= 2; number++)
        {
            machine.TimeMs++;
            Open(machine, (UInt128)number);
            machine.Do(InSession(1, Machine.PutOf("a"), session: (UInt128)number));
        }

        machine.TimeMs++;
        machine.Do(InSession(2, Machine.PutOf("a"), session: 1));
        Open(machine, 3);
        Assert.Equal(StateError.SessionExpired, machine.ErrorOf(InSession(1, Machine.PutOf("a"), session: 2)));
        Assert.IsType<PutResult>(machine.Do(InSession(1, Machine.PutOf("a"), session: 1)));
        Assert.Equal(4, machine.Now.Revision);
    }

    [Fact]
    public void A_session_that_is_not_used_is_forgotten_by_lease_time()
    {
        Open(_machine, Id);
        Do(1, Machine.PutOf("a"));
        long idleMs = (long)new SessionLimits().MaxIdle.TotalMilliseconds;
        _machine.TimeMs += idleMs - 1;
        _machine.Put("b");
        Assert.IsType<PutResult>(Do(1, Machine.PutOf("a")));
        _machine.TimeMs += idleMs;
        long before = _machine.Now.Map.Count;
        _machine.Put("c");
        Assert.Equal(StateError.SessionExpired, ErrorOf(1, Machine.PutOf("a")));
        Assert.Equal(before + 1 - 2, _machine.Now.Map.Count);
    }

    [Fact]
    public void The_answers_of_all_sessions_take_no_more_than_their_bound()
    {
        var machine = new Machine(Limited(new SessionLimits { MaxBytes = 2000 }));
        machine.Put("a", new string('v', 400));
        for (int number = 1; number <= 20; number++)
        {
            machine.TimeMs++;
            Open(machine, (UInt128)number);
            machine.Do(InSession(1, Machine.PutOf("a", new string('v', 400)) with { ReturnPrevious = true }, session: (UInt128)number));
        }

        Assert.Equal(StateError.SessionExpired, machine.ErrorOf(InSession(1, Machine.PutOf("a"), session: 16)));
        Assert.IsType<PutResult>(machine.Do(InSession(1, Machine.PutOf("a"), session: 17)));
        Assert.Equal(22, machine.Now.Revision);
    }

    [Fact]
    public void Sessions_are_in_the_snapshot()
    {
        Open(_machine, Id);
        CommandResult first = Do(1, Machine.PutOf("a"));
        var other = new Machine(StateMachine.Restore(Maps.LoadedFrom(_machine.Now.Map), new StateOptions()));
        Assert.Equal(_machine.Now.StateHash, other.Now.StateHash);
        Assert.Equal(first, other.Do(InSession(1, Machine.PutOf("a"))));
        Assert.Equal(2, other.Now.Revision);
    }

    [Fact]
    public void Below_their_feature_level_sessions_are_refused_and_change_nothing()
    {
        UInt128 before = _machine.Now.StateHash;
        Assert.Equal(StateError.FeatureLevel, DoAt(FeatureLevel.First, new OpenSessionCommand(Id)));
        Assert.Equal(StateError.FeatureLevel, DoAt(FeatureLevel.First, InSession(1, Machine.PutOf("a"))));
        Assert.Equal(before, _machine.Now.StateHash);
        Assert.Equal(StateError.None, DoAt(FeatureLevel.Sessions, new OpenSessionCommand(Id)));
        Assert.Equal(StateError.None, DoAt(FeatureLevel.Sessions, InSession(1, Machine.PutOf("a"))));
    }

    [Fact]
    public void A_level_that_this_build_does_not_know_stops_it_with_a_text_that_says_so()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => _machine.State.BeginEntry(1, 0, FeatureLevel.Newest + 1));
        Assert.Contains($"feature level {FeatureLevel.Newest + 1}", refused.Message, StringComparison.Ordinal);
        Assert.Null(FeatureLevel.Objection(FeatureLevel.Newest));
    }

    [Fact]
    public void A_command_without_a_session_is_encoded_as_ever() =>
        Assert.Equal("01010103016B0176", Convert.ToHexString(CommandCodec.Encode(Machine.PutOf("k", "v", lease: 3))));

    [Fact]
    public void A_session_within_a_session_is_none()
    {
        SessionCommand nested = InSession(1, InSession(1, Machine.PutOf("a")));
        Assert.Throws<ArgumentException>(() => CommandCodec.Encode(nested));
        byte[] bytes = [.. CommandCodec.Encode(InSession(1, Machine.PutOf("a")))[..20], .. CommandCodec.Encode(InSession(1, Machine.PutOf("a")))];
        Assert.Equal(StateError.Malformed, Assert.IsType<ErrorResult>(_machine.DoBytes(bytes)).Error);
    }

    private CommandResult Do(long sequence, Command command, long acknowledged = 0) => _machine.Do(InSession(sequence, command, acknowledged));

    private StateError ErrorOf(long sequence, Command command) => _machine.ErrorOf(InSession(sequence, command));

    private StateError DoAt(uint level, Command command)
    {
        _machine.State.BeginEntry(_machine.State.AppliedIndex + 1, 0, level);
        CommandResult? result = _machine.State.Apply(CommandCodec.Encode(command), wantResult: true);
        _machine.State.EndEntry();
        _machine.State.Publish();
        return result is ErrorResult error ? error.Error : StateError.None;
    }

    private static SessionCommand InSession(long sequence, Command command, long acknowledged = 0, UInt128? session = null) =>
        new(session ?? Id, sequence, acknowledged, command);

    private static void Open(Machine machine, UInt128 id) => Assert.IsType<EmptyResult>(machine.Do(new OpenSessionCommand(id)));

    private static StateOptions Limited(SessionLimits limits) => new() { Sessions = limits };
}
