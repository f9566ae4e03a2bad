namespace Quorate.State.Tests;

/// <summary>
/// Random commands, each attempted once or more, in any order, across snapshots: the keyspace is that of the same commands
/// without sessions, applied once where they came first.
/// </summary>
public class SessionRandomTests
{
    private const int Steps = 200;
    private const int Window = 8;

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 60));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Attempts_count_once_whatever_happens_in_between(int seed)
    {
        var chance = new Chance((ulong)seed);
        var commands = new RandomCommands(chance);
        var options = new StateOptions { Sessions = new SessionLimits { MaxSessions = 3, Window = Window, MaxIdle = TimeSpan.FromSeconds(20) } };
        var machine = new Machine(options);
        var model = new ModelStore();
        var sessions = new List<Session>();
        for (int step = 0; step < Steps; step++)
        {
            machine.TimeMs = model.TimeMs += chance.Below(1500);
            if (sessions.Count == 0 || chance.OneIn(25))
            {
                sessions.Add(new Session((UInt128)step + 1));
                machine.Do(new OpenSessionCommand(sessions[^1].Id));
            }

            Session session = sessions[chance.Below(sessions.Count)];
            Attempt(machine, model, session, chance.OneIn(2) ? session.New(commands.Next(model)) : session.Old(chance));
            if (chance.OneIn(15))
            {
                machine = new Machine(StateMachine.Restore(Maps.LoadedFrom(machine.Now.Map), options)) { TimeMs = model.TimeMs };
            }

            Assert.Equal((model.Revision, model.CompactRevision), (machine.Now.Revision, machine.Now.CompactRevision));
            Assert.Equal(machine.Now.StateHash, machine.Now.ComputeStateHash());
        }

        Assert.Equal(
            Describe.Result(model.Range(new RangeQuery(Machine.Everything), model.Revision)), Describe.Result(machine.Now.Range(new RangeQuery(Machine.Everything))));
    }

    private static void Attempt(Machine machine, ModelStore model, Session session, Write? write)
    {
        if (write is null)
        {
            return;
        }

        CommandResult result = machine.Do(new SessionCommand(session.Id, write.Sequence, Math.Min(session.Acknowledged, write.Sequence - 1), write.Command));
        switch (result)
        {
            case ErrorResult { Error: StateError.SessionExpired }:
                session.IsForgotten = true;
                break;
            case ErrorResult { Error: StateError.SequenceAcknowledged }:
                Assert.True(write.Sequence <= session.Acknowledged);
                break;
            default:
                Assert.False(session.IsForgotten);
                write.Answer ??= Describe.Result(model.Apply(write.Command));
                Assert.Equal(write.Answer, Describe.Result(result));
                break;
        }
    }

    private sealed class Session(UInt128 id)
    {
        private readonly List<Write> _writes = [];

        public UInt128 Id { get; } = id;

        public bool IsForgotten { get; set; }

        public long Acknowledged { get; private set; }

        public Write New(Command command)
        {
            _writes.Add(new Write(_writes.Count + 1, command));
            Acknowledged = Math.Max(Acknowledged, _writes.Count - Window);
            return _writes[^1];
        }

        public Write? Old(Chance chance) => _writes.Count == 0 ? null : _writes[Math.Max(0, _writes.Count - 1 - chance.Below(Window + 2))];
    }

    private sealed class Write(long sequence, Command command)
    {
        public long Sequence { get; } = sequence;

        public Command Command { get; } = command;

        public string? Answer { get; set; }
    }
}
