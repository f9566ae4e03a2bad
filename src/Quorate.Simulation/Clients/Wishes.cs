using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>What one client wants, drawn from what it has seen so far.</summary>
internal sealed class Wishes(World world, int number, SeededGenerator generator)
{
    private readonly SortedDictionary<string, long> _seen = new(StringComparer.Ordinal);
    private readonly List<long> _leases = [];
    private long _values;
    private long _revision;

    /// <summary>A command was answered.</summary>
    public void Learn(Command command, CommandResult result)
    {
        _revision = Math.Max(_revision, result.Revision);
        switch (command, result)
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
    public void Learn(string prefix, StateVersion state)
    {
        _revision = Math.Max(_revision, state.Revision);
        foreach (KeyValue pair in state.Scan(Operation.PrefixRange(prefix)))
        {
            _seen[System.Text.Encoding.Latin1.GetString(pair.Key.Span)] = pair.ModRevision;
        }
    }

    /// <summary>What it wants next: a command, or else to read.</summary>
    public Wish Draw()
    {
        int kind = generator.Between(0, 99);
        return kind switch
        {
            < 28 => new Wish(Put()),
            < 50 => Read(Key(), 0),
            < 56 => Read("k", 0),
            < 60 => Read("k", generator.Between(1L, Math.Max(1, _revision))),
            < 68 => new Wish(new DeleteRangeCommand(new KeyRange(Bytes(Key()), default), ReturnPrevious: generator.Chance(500))),
            < 70 => new Wish(new DeleteRangeCommand(Operation.PrefixRange(Key()), ReturnPrevious: true)),
            < 84 => new Wish(CompareAndSet()),
            < 88 => new Wish(Both()),
            < 92 => new Wish(new LeaseGrantCommand(LeaseId(), generator.Between(1L, 3))),
            < 97 => new Wish(new LeaseRefreshCommand([SomeLease()])),
            _ => new Wish(new LeaseRevokeCommand(SomeLease())),
        };
    }

    private PutCommand Put() => new(
        Bytes(Key()), NewValue(), generator.Chance(250) ? SomeLease() : 0, ReturnPrevious: generator.Chance(300));

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
        string other = $"j{generator.Between(0, 3)}";
        return new TxnCommand([], [new PutCommand(Bytes(Key()), NewValue()), new PutCommand(Bytes(other), NewValue())], []);
    }

    private static RangeCommand Get(string key) => new(new RangeQuery(new KeyRange(Bytes(key), default)));

    private static Wish Read(string prefix, long revision) => new(null, prefix, revision);

    private static byte[] Bytes(string text) => Operation.BytesOf(text);

    private string Key() => $"k{generator.Between(0, world.Knobs.Keys - 1):d2}";

    private byte[] NewValue() => Bytes($"c{number}.{++_values}");

    // Ids of a small set, so that grants collide now and then.
    private long LeaseId() => generator.Between(1L, 12);

    private long SomeLease() => _leases.Count > 0 ? _leases[(int)generator.Below((ulong)_leases.Count)] : LeaseId();
}

/// <summary>One thing that a client wants.</summary>
/// <param name="Command">The command; <see langword="null"/> for a read.</param>
/// <param name="Read">The prefix to read.</param>
/// <param name="Revision">The revision to read at; 0 for the newest.</param>
internal readonly record struct Wish(Command? Command, string? Read = null, long Revision = 0);
