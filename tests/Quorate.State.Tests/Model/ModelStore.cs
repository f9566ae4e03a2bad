namespace Quorate.State.Tests;

/// <summary>
/// The keyspace written as plainly as can be: every change there ever was in one list, every question answered by replaying
/// it. It shares nothing with the real one but the words.
/// </summary>
internal sealed class ModelStore
{
    private readonly List<(long Revision, WatchEvent Change)> _changes = [];
    private readonly SortedDictionary<long, (long TtlSeconds, long DeadlineMs)> _leases = [];
    private long _writing;
    private List<WatchEvent> _written = [];

    public long Revision { get; private set; } = 1;

    public long CompactRevision { get; private set; }

    public long TimeMs { get; set; }

    public IEnumerable<long> Leases => _leases.Keys;

    private long SoFar => _written.Count > 0 ? Revision + 1 : Revision;

    public (long TtlSeconds, long DeadlineMs) Lease(long id) => _leases[id];

    public IEnumerable<long> Expired() => _leases.Where(pair => pair.Value.DeadlineMs <= TimeMs).OrderBy(pair => (pair.Value.DeadlineMs, pair.Key)).Select(pair => pair.Key);

    /// <summary>The live keys at a revision, with what the running command has written.</summary>
    public SortedDictionary<string, KeyValue> StateAt(long revision)
    {
        var state = new SortedDictionary<string, KeyValue>(StringComparer.Ordinal);
        foreach ((long at, WatchEvent change) in _changes.Where(pair => pair.Revision <= revision))
        {
            string key = Machine.Text(change.Current.Key);
            if (change.IsDelete)
            {
                state.Remove(key);
            }
            else
            {
                state[key] = change.Current;
            }
        }

        return state;
    }

    public IEnumerable<RevisionEvents> History(KeyRange range, long first) =>
        from pair in _changes
        where pair.Revision >= first && range.Contains(pair.Change.Current.Key.Span)
        let previous = pair.Revision - 1 >= CompactRevision ? pair.Change.Previous : null
        group pair.Change with { Previous = previous } by pair.Revision into revision
        select new RevisionEvents(revision.Key, revision.ToList());

    public CommandResult Apply(Command command)
    {
        StateError error = Refusal(command);
        if (error != StateError.None)
        {
            return new ErrorResult(Revision, error);
        }

        Begin();
        CommandResult result = Run(command);
        End();
        return result is EmptyResult ? new EmptyResult(Revision) : result;
    }

    public RangeResult Range(RangeQuery query, long at)
    {
        List<KeyValue> all = StateAt(at).Values.Where(found => query.Range.Contains(found.Key.Span)).ToList();
        IEnumerable<KeyValue> found = all.Where(kv =>
            (query.MinModRevision == 0 || kv.ModRevision >= query.MinModRevision)
            && (query.MaxModRevision == 0 || kv.ModRevision <= query.MaxModRevision)
            && (query.MinCreateRevision == 0 || kv.CreateRevision >= query.MinCreateRevision)
            && (query.MaxCreateRevision == 0 || kv.CreateRevision <= query.MaxCreateRevision));
        if (query.SortTarget != SortTarget.Key || query.SortOrder == SortOrder.Descending)
        {
            Comparer<object> order = Comparer<object>.Create((x, y) => string.CompareOrdinal(x as string, y as string) is var text && x is string
                ? text
                : ((long)x).CompareTo((long)y));
            object Target(KeyValue kv) => query.SortTarget switch
            {
                SortTarget.Create => kv.CreateRevision,
                SortTarget.Mod => kv.ModRevision,
                SortTarget.Version => kv.Version,
                SortTarget.Value => Machine.Text(kv.Value),
                _ => Machine.Text(kv.Key),
            };
            found = query.SortOrder == SortOrder.Descending ? found.OrderByDescending(Target, order) : found.OrderBy(Target, order);
        }

        List<KeyValue> ordered = query.CountOnly ? [] : found.ToList();
        bool more = query.Limit > 0 && ordered.Count > query.Limit;
        IEnumerable<KeyValue> kept = more ? ordered.Take((int)query.Limit) : ordered;
        return new RangeResult(SoFar, kept.Select(kv => query.KeysOnly ? kv with { Value = default } : kv).ToList(), more, all.Count);
    }

    private void Begin()
    {
        _writing = Revision + 1;
        _written = [];
    }

    private void End()
    {
        Revision = SoFar;
        _written = [];
    }

    private StateError Refusal(Command command) => command switch
    {
        PutCommand put => RefusalOf(put),
        CompactCommand compact when compact.Revision <= CompactRevision => StateError.Compacted,
        CompactCommand compact when compact.Revision > Revision => StateError.FutureRevision,
        LeaseGrantCommand grant when _leases.ContainsKey(grant.Id) => StateError.LeaseExists,
        LeaseRevokeCommand revoke when !_leases.ContainsKey(revoke.Id) => StateError.LeaseNotFound,
        TxnCommand txn when Clashes(txn.Success) || Clashes(txn.Failure) => StateError.DuplicateKey,
        TxnCommand txn => RefusalOf(txn),
        _ => StateError.None,
    };

    private StateError RefusalOf(PutCommand put)
    {
        if ((put.IgnoreLease || put.IgnoreValue) && !StateAt(Revision).ContainsKey(Machine.Text(put.Key)))
        {
            return StateError.KeyNotFound;
        }

        return put.Lease != 0 && !put.IgnoreLease && !_leases.ContainsKey(put.Lease) ? StateError.LeaseNotFound : StateError.None;
    }

    private StateError RefusalOf(TxnCommand txn)
    {
        _chosen[txn] = txn.Compares.All(Holds);
        return (_chosen[txn] ? txn.Success : txn.Failure).Select(operation => operation switch
        {
            PutCommand put => RefusalOf(put),
            RangeCommand range when range.Query.Revision > Revision => StateError.FutureRevision,
            RangeCommand range when range.Query.Revision > 0 && range.Query.Revision < CompactRevision => StateError.Compacted,
            TxnCommand nested => RefusalOf(nested),
            _ => StateError.None,
        }).FirstOrDefault(error => error != StateError.None);
    }

    private readonly Dictionary<TxnCommand, bool> _chosen = new(ReferenceEqualityComparer.Instance);

    private CommandResult Run(Command command)
    {
        switch (command)
        {
            case PutCommand put:
                KeyValue? previous = Put(put);
                return new PutResult(SoFar, put.ReturnPrevious ? previous : null);
            case DeleteRangeCommand delete:
                List<KeyValue> gone = Delete(delete.Range);
                return new DeleteRangeResult(SoFar, gone.Count, delete.ReturnPrevious ? gone : []);
            case RangeCommand range:
                return Range(range.Query, range.Query.Revision > 0 ? range.Query.Revision : long.MaxValue);
            case TxnCommand txn:
                List<CommandResult> responses = (_chosen[txn] ? txn.Success : txn.Failure).Select(Run).ToList();
                return new TxnResult(SoFar, _chosen[txn], responses);
            case CompactCommand compact:
                CompactRevision = compact.Revision;
                break;
            case LeaseGrantCommand grant:
                _leases[grant.Id] = (grant.TtlSeconds, TimeMs + (1000 * grant.TtlSeconds));
                return new LeaseGrantResult(Revision, grant.Id, grant.TtlSeconds);
            case LeaseRefreshCommand refresh:
                foreach (long id in refresh.Ids.Where(_leases.ContainsKey))
                {
                    _leases[id] = (_leases[id].TtlSeconds, TimeMs + (1000 * _leases[id].TtlSeconds));
                }

                break;
            case LeaseRevokeCommand revoke:
                Revoke(revoke.Id);
                break;
            case LeaseExpireCommand expire:
                foreach (long id in expire.Ids)
                {
                    if (_leases.TryGetValue(id, out var lease) && lease.DeadlineMs <= TimeMs)
                    {
                        Revoke(id);
                        End();
                        Begin();
                    }
                }

                break;
        }

        return new EmptyResult(SoFar);
    }

    private KeyValue? Put(PutCommand put)
    {
        KeyValue? previous = StateAt(long.MaxValue).GetValueOrDefault(Machine.Text(put.Key));
        var current = new KeyValue(
            put.Key,
            put.IgnoreValue ? previous!.Value : put.Value,
            previous?.CreateRevision ?? _writing,
            _writing,
            (previous?.Version ?? 0) + 1,
            put.IgnoreLease ? previous!.Lease : put.Lease);
        Write(new WatchEvent(current, false, previous));
        return previous;
    }

    private List<KeyValue> Delete(KeyRange range)
    {
        List<KeyValue> gone = StateAt(long.MaxValue).Values.Where(found => range.Contains(found.Key.Span)).ToList();
        gone.ForEach(found => Write(new WatchEvent(new KeyValue(found.Key, default, 0, _writing, 0, 0), true, found)));
        return gone;
    }

    private void Revoke(long id)
    {
        foreach (KeyValue attached in StateAt(long.MaxValue).Values.Where(found => found.Lease == id).ToList())
        {
            Delete(new KeyRange(attached.Key, default));
        }

        _leases.Remove(id);
    }

    private void Write(WatchEvent change)
    {
        _changes.Add((_writing, change));
        _written.Add(change);
    }

    private bool Holds(Compare compare)
    {
        List<KeyValue> found = StateAt(Revision).Values.Where(kv => compare.Range.Contains(kv.Key.Span)).ToList();
        return found.Count == 0
            ? compare.Target != CompareTarget.Value && Holds(compare, new KeyValue(default, default, 0, 0, 0, 0))
            : found.TrueForAll(kv => Holds(compare, kv));
    }

    private static bool Holds(Compare compare, KeyValue kv)
    {
        int order = compare.Target switch
        {
            CompareTarget.Version => kv.Version.CompareTo(compare.Number),
            CompareTarget.Create => kv.CreateRevision.CompareTo(compare.Number),
            CompareTarget.Mod => kv.ModRevision.CompareTo(compare.Number),
            CompareTarget.Lease => kv.Lease.CompareTo(compare.Number),
            _ => string.CompareOrdinal(Machine.Text(kv.Value), Machine.Text(compare.Value)),
        };
        return compare.Result switch
        {
            CompareResult.Equal => order == 0,
            CompareResult.Greater => order > 0,
            CompareResult.Less => order < 0,
            _ => order != 0,
        };
    }

    private static bool Clashes(IReadOnlyList<Command> operations)
    {
        for (int i = 0; i < operations.Count; i++)
        {
            if (operations[i] is TxnCommand txn && (Clashes(txn.Success) || Clashes(txn.Failure)))
            {
                return true;
            }

            for (int j = 0; j < i; j++)
            {
                if (Writes(operations[i]).Any(one => Writes(operations[j]).Any(other => Clash(one, other))))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static IEnumerable<Command> Writes(Command operation) => operation switch
    {
        TxnCommand txn => txn.Success.Concat(txn.Failure).SelectMany(Writes),
        RangeCommand => [],
        _ => [operation],
    };

    private static bool Clash(Command one, Command other) => (one, other) switch
    {
        (PutCommand a, PutCommand b) => a.Key.Span.SequenceEqual(b.Key.Span),
        (PutCommand put, DeleteRangeCommand delete) => delete.Range.Contains(put.Key.Span),
        (DeleteRangeCommand delete, PutCommand put) => delete.Range.Contains(put.Key.Span),
        _ => false,
    };
}
