using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>All clients: commands and reads, watches, compactions; and the table of what is under way.</summary>
internal sealed class Workload
{
    private const int FirstSessionClient = 100;
    private readonly World _world;
    private readonly SeededGenerator _generator;
    private readonly SortedDictionary<ulong, Operation> _underWay = [];
    private readonly List<WatchClient> _watchers = [];
    private ulong _lastToken;

    public Workload(World world, SeededGenerator generator)
    {
        _world = world;
        _generator = generator;
    }

    /// <summary>Operations that were answered: done, or refused by the state for a reason. Attempts under sessions come on top.</summary>
    public long Completed { get; private set; }

    /// <summary>Operations whose outcome nobody knows.</summary>
    public long Unknown { get; private set; }

    public long Refused { get; private set; }

    public IReadOnlyList<WatchClient> Watchers => _watchers;

    /// <summary>Whether clients begin nothing new.</summary>
    public bool IsClosed { get; set; }

    public void Start()
    {
        for (int i = 0; i < _world.Knobs.Clients; i++)
        {
            new Client(_world, i, _generator.Split()).Start();
        }

        int watchers = _generator.Between(1, 4);
        for (int i = 0; i < watchers; i++)
        {
            var watcher = new WatchClient(_world, i, _generator.Split());
            _watchers.Add(watcher);
            watcher.Start();
        }

        if (_world.Knobs.CompactEveryUs > 0)
        {
            new Compactor(_world, _generator.Split()).Start();
        }

        for (int i = 0; i < _world.Knobs.SessionClients; i++)
        {
            new SessionClient(_world, FirstSessionClient + i, _generator.Split()).Start();
        }
    }

    public ulong NextToken() => ++_lastToken;

    /// <summary>Sends an operation to a node.</summary>
    public void Send(Operation operation, SimulatedNode node)
    {
        operation.InvokedAtUs = _world.NowUs;
        operation.DecidedBefore = _world.Judge.Decided;
        operation.Node = node;
        _underWay.Add(operation.Token, operation);
        _world.Note(TraceKind.Invoke, node.Index, number: operation.Token, detail: operation);
        if (!node.IsUp)
        {
            _world.After(_world.Knobs.LinkUs, () => Finish(operation, Outcome.NotApplied));
            return;
        }

        node.After(_world.Knobs.LinkUs / 4, () => node.Post(() =>
        {
            node.Submit(operation);
            Expect(operation, node, node.Pauses);
        }));
    }

    public void OnAnswer(SimulatedNode node, ulong token, CommandResult result)
    {
        Operation operation = Find(node, token);
        _world.Note(TraceKind.Answer, node.Index, number: token, detail: operation);
        _world.Judge.OnAnswered(node, operation, result);
        operation.Client.Learn(operation, result);
        Finish(operation, Outcome.Done);
    }

    public void OnRead(SimulatedNode node, ulong token, StateVersion state)
    {
        Operation operation = Find(node, token);
        _world.Note(TraceKind.Read, node.Index, number: token, detail: operation);
        _world.Judge.OnRead(node, operation, state);
        operation.Client.Learn(operation, state);
        Finish(operation, Outcome.Done);
    }

    public void OnRefused(SimulatedNode node, ulong token, RequestError error, bool mayApply)
    {
        Operation operation = Find(node, token);
        _world.Note(TraceKind.Refuse, node.Index, number: token, detail: $"{error} {operation.Text}");
        _world.Tally.See($"request refused ({error}, {(mayApply ? "may apply" : "surely not applied")})");
        operation.IsRefused = !mayApply;
        if (!mayApply && !operation.IsRead)
        {
            _world.Judge.OnRefused(node, operation);
        }

        Finish(operation, mayApply ? Outcome.Unknown : Outcome.NotApplied);
    }

    /// <summary>Whoever waits for an answer of this node will not get one.</summary>
    public void NodeDied(SimulatedNode node)
    {
        foreach (Operation operation in _underWay.Values.ToArray())
        {
            if (operation.Node == node)
            {
                _underWay.Remove(operation.Token);
                _world.After(_world.Knobs.LinkUs, () => Finish(operation, Outcome.Unknown));
            }
        }

        foreach (WatchClient watcher in _watchers)
        {
            watcher.NodeDied(node);
        }
    }

    private Operation Find(SimulatedNode node, ulong token)
    {
        bool isKnown = _underWay.TryGetValue(token, out Operation? operation);
        ViolationException.Require(isKnown && operation!.Node == node, "answer", $"{node.Name} answers request {token}, for which nobody waits there");
        return operation!;
    }

    private void Finish(Operation operation, Outcome outcome)
    {
        _underWay.Remove(operation.Token);
        if (operation.IsOver)
        {
            return;
        }

        operation.IsOver = true;
        Completed += outcome == Outcome.Done && operation.Write is null ? 1 : 0;
        Unknown += outcome == Outcome.Unknown ? 1 : 0;
        Refused += outcome == Outcome.NotApplied ? 1 : 0;
        operation.Client.Finished(outcome);
    }

    // R17 of a single node: whoever asks a node that lives is answered or refused within the time that is promised.
    private void Expect(Operation operation, SimulatedNode node, int pauses)
    {
        node.After(_world.RequestTimeoutUs + (_world.RequestTimeoutUs / 20) + 200_000, () =>
        {
            if (operation.IsOver)
            {
                return;
            }

            if (node.Pauses != pauses || node.IsPaused)
            {
                Expect(operation, node, node.Pauses);
                return;
            }

            throw new ViolationException("answer", $"{node.Name} neither answers nor refuses {operation.Text} ({operation.Token})");
        });
    }
}
