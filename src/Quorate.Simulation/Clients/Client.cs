using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>A client with one session: one operation at a time, on one node as long as that node answers.</summary>
internal sealed class Client : IClient
{
    private readonly World _world;
    private readonly int _number;
    private readonly SeededGenerator _generator;
    private readonly SortedDictionary<string, long> _seen = new(StringComparer.Ordinal);
    private readonly List<long> _leases = [];
    private SimulatedNode _node;
    private long _values;
    private long _revision;

    public Client(World world, int number, SeededGenerator generator)
    {
        _world = world;
        _number = number;
        _generator = generator;
        _node = world.Nodes[number % world.Nodes.Length];
    }

    public void Start() => _world.After(_generator.Delay(_world.Knobs.ThinkUs), Ask);

    /// <summary>A command was answered.</summary>
    public void Learn(Operation operation, CommandResult result)
    {
        _revision = Math.Max(_revision, result.Revision);
        switch (operation.Command, result)
        {
            case (PutCommand put, PutResult):
                _seen[System.Text.Encoding.Latin1.GetString(put.Key.Span)] = result.Revision;
                break;
            case (LeaseGrantCommand grant, LeaseGrantResult):
                _leases.Add(grant.Id);
                break;
        }
    }

    /// <summary>A read was answered.</summary>
    public void Learn(Operation operation, StateVersion state)
    {
        _revision = Math.Max(_revision, state.Revision);
        foreach (KeyValue pair in state.Scan(Operation.PrefixRange(operation.Read!)))
        {
            _seen[System.Text.Encoding.Latin1.GetString(pair.Key.Span)] = pair.ModRevision;
        }
    }

    /// <summary>The operation is over, one way or another.</summary>
    public void Finished(Outcome outcome)
    {
        if (outcome != Outcome.Done || _generator.Chance(30))
        {
            _node = _world.Nodes[(int)_generator.Below((ulong)_world.Nodes.Length)];
        }

        if (!_world.Workload.IsClosed)
        {
            _world.After(_generator.Delay(_world.Knobs.ThinkUs), Ask);
        }
    }

    private void Ask()
    {
        if (!_world.Workload.IsClosed)
        {
            _world.Workload.Send(Draw(), _node);
        }
    }

    private Operation Draw()
    {
        int kind = _generator.Between(0, 99);
        return kind switch
        {
            < 28 => Make(Put()),
            < 50 => Read(Key(), 0),
            < 56 => Read("k", 0),
            < 60 => Read("k", _generator.Between(1L, Math.Max(1, _revision))),
            < 68 => Make(new DeleteRangeCommand(new KeyRange(Bytes(Key()), default), ReturnPrevious: _generator.Chance(500))),
            < 70 => Make(new DeleteRangeCommand(Operation.PrefixRange(Key()), ReturnPrevious: true)),
            < 84 => Make(CompareAndSet()),
            < 88 => Make(Both()),
            < 92 => Make(new LeaseGrantCommand(LeaseId(), _generator.Between(1L, 3))),
            < 97 => Make(new LeaseRefreshCommand([SomeLease()])),
            _ => Make(new LeaseRevokeCommand(SomeLease())),
        };
    }

    private PutCommand Put() => new(
        Bytes(Key()), NewValue(), _generator.Chance(250) ? SomeLease() : 0, ReturnPrevious: _generator.Chance(300));

    private TxnCommand CompareAndSet()
    {
        string key = Key();
        _seen.TryGetValue(key, out long mod);
        var guard = new Compare(new KeyRange(Bytes(key), default), CompareTarget.Mod, CompareResult.Equal, mod, default);
        return new TxnCommand([guard], [new PutCommand(Bytes(key), NewValue())], [Get(key)]);
    }

    // Two keys in one revision, so that a watcher of both sees whether it is told of them together.
    private TxnCommand Both()
    {
        string other = $"j{_generator.Between(0, 3)}";
        return new TxnCommand([], [new PutCommand(Bytes(Key()), NewValue()), new PutCommand(Bytes(other), NewValue())], []);
    }

    private static RangeCommand Get(string key) => new(new RangeQuery(new KeyRange(Bytes(key), default)));

    private Operation Make(Command command) => new() { Token = _world.Workload.NextToken(), Client = this, Command = command };

    private Operation Read(string prefix, long revision) =>
        new() { Token = _world.Workload.NextToken(), Client = this, Read = prefix, ReadRevision = revision };

    private static byte[] Bytes(string text) => Operation.BytesOf(text);

    private string Key() => $"k{_generator.Between(0, _world.Knobs.Keys - 1):d2}";

    private byte[] NewValue() => Bytes($"c{_number}.{++_values}");

    // Ids of a small set, so that grants collide now and then.
    private long LeaseId() => _generator.Between(1L, 12);

    private long SomeLease() => _leases.Count > 0 ? _leases[(int)_generator.Below((ulong)_leases.Count)] : LeaseId();
}
