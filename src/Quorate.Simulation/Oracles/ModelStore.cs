using System.Text;
using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>
/// The plainest keyspace there can be, written without a look at the real one: it is given each decided entry once, in order,
/// and knows what every command must have answered, what every read must see and what every watcher must be told.
/// </summary>
internal sealed partial class ModelStore(SessionLimits sessionLimits)
{
    private readonly SortedDictionary<string, List<ModelVersion>> _history = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, ModelLease> _leases = [];
    private readonly List<List<ModelEvent>> _events = [[], []];
    private readonly List<ModelMoment> _moments = [new ModelMoment(1, 0, 0, 0)];
    private readonly Dictionary<RequestId, (ulong Index, string Result)> _results = [];
    private readonly Dictionary<RequestId, Operation> _operations = [];
    private List<ModelEvent> _open = [];
    private long _compactRevision;
    private long _leaseTimeMs;
    private long _keyCount;
    private long _nowUs;

    public long Revision => _events.Count - 1;

    public long CompactRevision => _compactRevision;

    public int LeaseCount => _leases.Count;

    /// <summary>How many leases ended by running out.</summary>
    public long Expiries { get; private set; }

    public ModelMoment MomentAt(ulong index) => _moments[(int)index];

    /// <summary>The changes of one revision, in order.</summary>
    public IReadOnlyList<ModelEvent> EventsOf(long revision) => _events[(int)revision];

    /// <summary>A client's command is about to become an entry under this name.</summary>
    public void Expect(RequestId id, Operation operation)
    {
        _operations[id] = operation;
        operation.Id = id;
    }

    /// <summary>Where a command was applied and what it must have answered; false if it is not decided.</summary>
    public bool TryGetResult(RequestId id, out ulong index, out string result)
    {
        bool found = _results.TryGetValue(id, out (ulong Index, string Result) applied);
        (index, result) = applied;
        return found;
    }

    /// <summary>The next decided entry.</summary>
    public void Apply(Entry entry, long nowUs)
    {
        _nowUs = nowUs;
        if (entry.Kind == EntryKind.Command)
        {
            var reader = new EntryPayload.Reader(entry.Payload);
            _leaseTimeMs = Math.Max(_leaseTimeMs, reader.StampMs);
            while (reader.MoveNext())
            {
                Apply(entry.Index, reader.Id, reader.Command);
            }
        }

        ForgetIdleSession();
        _moments.Add(new ModelMoment(Revision, _compactRevision, _leaseTimeMs, _keyCount));
    }

    /// <summary>The newest version of a key at or below a revision, unless it is a tombstone or there is none.</summary>
    public ModelVersion? Find(string key, long revision)
    {
        ModelVersion? found = Newest(key, revision);
        return found is { IsTombstone: false } ? found : null;
    }

    /// <summary>The live keys with a prefix as of a revision, in order.</summary>
    public List<ModelVersion> Range(string prefix, long revision)
    {
        var found = new List<ModelVersion>();
        foreach ((string key, _) in _history)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal) && Find(key, revision) is { } version)
            {
                found.Add(version);
            }
        }

        return found;
    }

    private void Apply(ulong index, RequestId id, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.SequenceEqual([Replica.Replica.OwnMachine]))
        {
            // A request to compare hashes concerns no state.
            return;
        }

        _operations.TryGetValue(id, out Operation? operation);
        if (id != RequestId.None)
        {
            ViolationException.Require(operation is not null, "R16", $"a command {id} is decided at {index} that no client sent");
            ViolationException.Require(!_results.ContainsKey(id), "R16", $"the command {operation!.Text} ({id}) is decided twice, the second time at {index}");
            ViolationException.Require(!operation!.IsRefused, "R16", $"the command {operation.Text} is decided at {index} after its client was told that it is not");
            ViolationException.Require(bytes.Span.SequenceEqual(operation.Bytes), "R16", $"the command {operation.Text} is decided with other bytes");
        }

        string result = Run(CommandCodec.Decode(bytes), operation);
        if (id != RequestId.None)
        {
            _results.Add(id, (index, result));
        }
    }

    private ModelVersion? Newest(string key, long revision)
    {
        if (!_history.TryGetValue(key, out List<ModelVersion>? versions))
        {
            return null;
        }

        for (int i = versions.Count - 1; i >= 0; i--)
        {
            if (versions[i].Mod <= revision)
            {
                return versions[i];
            }
        }

        return null;
    }

    private ModelVersion? Live(string key) => Find(key, long.MaxValue);

    private void Write(string key, string value, long lease)
    {
        ModelVersion? before = Live(key);
        long revision = Revision + 1;
        var version = new ModelVersion(key, value, before?.Create ?? revision, revision, (before?.Version ?? 0) + 1, lease);
        _keyCount += before is null ? 1 : 0;
        Add(version, before);
    }

    private void Erase(ModelVersion live)
    {
        _keyCount--;
        Add(new ModelVersion(live.Key, null, 0, Revision + 1, 0, 0), live);
    }

    private void Add(ModelVersion version, ModelVersion? before)
    {
        if (!_history.TryGetValue(version.Key, out List<ModelVersion>? versions))
        {
            _history[version.Key] = versions = [];
        }

        versions.Add(version);
        _open.Add(new ModelEvent(version, before));
    }

    private void CloseRevision()
    {
        if (_open.Count > 0)
        {
            _events.Add(_open);
            _open = [];
        }
    }

    private static string TextOf(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);
}
