using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>
/// A client whose writes go under a session, a few at a time. It loses answers and patience: it asks again, anywhere, while
/// earlier attempts may still be under way, and gives up on some writes.
/// </summary>
internal sealed class SessionClient
{
    private const int MaxAttempts = 6;

    /// <summary>Attempts that no node has answered or refused: more would only show that a cluster can be flooded.</summary>
    private const int MaxUnanswered = 8;

    private readonly World _world;
    private readonly SeededGenerator _generator;
    private readonly Wishes _wishes;
    private readonly long _patienceUs;
    private readonly int _lostAnswers;
    private readonly int _maxUnderWay;
    private readonly SortedDictionary<long, Write> _underWay = [];
    private UInt128 _session;
    private bool _isOpen;
    private bool _isOpening;
    private int _unanswered;
    private long _last;

    public SessionClient(World world, int number, SeededGenerator generator)
    {
        _world = world;
        _generator = generator;
        _wishes = new Wishes(world, number, generator);
        _patienceUs = generator.Pick(3_000L, 60_000, 800_000);
        _lostAnswers = generator.Pick(0, 200, 500);
        _maxUnderWay = generator.Between(1, 4);
    }

    private SimulatedNode SomeNode => _world.Nodes[(int)_generator.Below((ulong)_world.Nodes.Length)];

    /// <summary>No number up to this one will be sent again.</summary>
    private long Acknowledged => _underWay.Count == 0 ? _last : _underWay.First().Key - 1;

    private bool HasRoom => _isOpen && _unanswered < MaxUnanswered && _underWay.Count < _maxUnderWay && _last + 1 - Acknowledged <= _world.Knobs.SessionWindow;

    public void Start() => Think();

    private void Think() => _world.After(_generator.Delay(_world.Knobs.ThinkUs), () =>
    {
        if (_world.Workload.IsClosed)
        {
            return;
        }

        if (!_isOpen)
        {
            Open();
        }
        else if (HasRoom)
        {
            Begin(new Write(DrawCommand()));
        }

        Think();
    });

    // A session whose opening was not answered is never asked for again.
    private void Open()
    {
        if (_isOpening)
        {
            return;
        }

        _isOpening = true;
        var id = new UInt128(_generator.Next(), _generator.Next());
        var once = new Once(_world, outcome =>
        {
            _isOpening = false;
            if (outcome == Outcome.Done)
            {
                (_session, _isOpen, _last) = (id, true, 0);
            }
        });
        once.Send(new OpenSessionCommand(id), SomeNode);
    }

    private Command DrawCommand()
    {
        while (true)
        {
            if (_wishes.Draw().Command is { } command and not LeaseRefreshCommand)
            {
                return command;
            }
        }
    }

    private void Begin(Write write)
    {
        (write.Session, write.Sequence, write.Attempts, write.IsOver) = (_session, ++_last, 0, false);
        _underWay.Add(write.Sequence, write);
        Try(write);
    }

    private void Try(Write write)
    {
        write.Attempts++;
        _unanswered++;
        var attempt = new Attempt(this, write);
        var command = new SessionCommand(write.Session, write.Sequence, Acknowledged, write.Command);
        var operation = new Operation { Token = _world.Workload.NextToken(), Client = attempt, Command = command, Write = write };
        _world.Workload.Send(operation, SomeNode);
        BePatient(write);
    }

    private void BePatient(Write write)
    {
        int attempts = write.Attempts;
        _world.After(_generator.Delay(_patienceUs) + 1_000, () => LosePatience(write, attempts));
    }

    private void LosePatience(Write write, int attempts)
    {
        if (write.IsOver || write.Attempts != attempts || _world.Workload.IsClosed)
        {
            return;
        }

        if (write.Attempts >= MaxAttempts || _generator.Chance(50))
        {
            _world.Tally.See("write given up under its session");
            Finish(write);
        }
        else if (_unanswered < MaxUnanswered)
        {
            Try(write);
        }
        else
        {
            BePatient(write);
        }
    }

    private void OnAnswer(Write write, CommandResult result)
    {
        string text = ResultText.Of(result);
        StateError error = result is ErrorResult refused ? refused.Error : StateError.None;
        if (error == StateError.SessionExpired)
        {
            OnExpired(write);
        }
        else if (error == StateError.SequenceAcknowledged)
        {
            ViolationException.Require(write.IsOver, "R16", $"{write} is called acknowledged, but its client waits for it");
        }
        else if (write.Answer is not null)
        {
            _world.Tally.See("write answered twice under its session");
            ViolationException.Require(text == write.Answer, "R16", $"{write} is answered '{text}', before it was '{write.Answer}'");
        }
        else
        {
            write.Answer = text;
        }

        if (error is not (StateError.SessionExpired or StateError.SequenceAcknowledged) && !_generator.Chance(_lostAnswers))
        {
            _wishes.Learn(write.Command, result);
            Finish(write);
        }
    }

    private void OnExpired(Write write)
    {
        _world.Tally.See("session forgotten");
        bool wasNotApplied = !write.IsOver && write.Attempts == 1;
        if (write.Session == _session)
        {
            _isOpen = false;
            foreach (Write other in _underWay.Values.ToArray())
            {
                Finish(other);
            }
        }

        if (wasNotApplied)
        {
            _world.After(_generator.Delay(_world.Knobs.ThinkUs), () => Move(write));
        }
    }

    // What was tried once and refused was not applied, and goes under the next session; of the rest nobody knows.
    private void Move(Write write)
    {
        if (HasRoom && !_world.Workload.IsClosed)
        {
            _world.Tally.See("write moved to another session");
            Begin(write);
        }
    }

    private void Finish(Write write)
    {
        write.IsOver = true;
        if (_underWay.GetValueOrDefault(write.Sequence) == write)
        {
            _underWay.Remove(write.Sequence);
        }
    }

    /// <summary>One write and what became of it so far.</summary>
    private sealed class Write(Command command)
    {
        public Command Command { get; } = command;

        public UInt128 Session { get; set; }

        public long Sequence { get; set; }

        public int Attempts { get; set; }

        public string? Answer { get; set; }

        public bool IsOver { get; set; }

        public override string ToString() => $"write {Sequence} of session {Session:x}";
    }

    /// <summary>One attempt at a write; what it does not hear of, patience takes care of.</summary>
    private sealed class Attempt(SessionClient client, Write write) : IClient
    {
        public void Learn(Operation operation, CommandResult result) => client.OnAnswer(write, result);

        public void Learn(Operation operation, StateVersion state)
        {
        }

        public void Finished(Outcome outcome) => client._unanswered--;
    }
}
