using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// The etcd keyspace as a pure function of the entries applied to it (DESIGN §4). Single-threaded; readers hold a published
/// <see cref="StateVersion"/>. Entries come as <see cref="BeginEntry"/>, any number of <see cref="Apply"/>,
/// <see cref="EndEntry"/>; a batch of them ends with <see cref="Publish"/>. Every replica must see the same entries, but may
/// cut them into other batches.
/// </summary>
public sealed partial class StateMachine
{
    private readonly HashedMap _map;
    private readonly StateOptions _options;
    private readonly KeyspaceWriter _keyspace;
    private readonly LeaseTable _leases;
    private readonly Sweeper _sweeper;
    private readonly TxnExecutor _executor;
    private ulong _appliedIndex;
    private ulong _openIndex;
    private long _compactRevision;
    private long _leaseTimeMs;
    private uint _featureLevel;
    private int _commandsInEntry;

    /// <summary>A machine that has applied nothing.</summary>
    /// <exception cref="ArgumentException">The map is not empty: see <see cref="Restore"/>.</exception>
    public StateMachine(IOrderedMap map, StateOptions options)
        : this(map, options, Meta.Blank)
    {
    }

    private StateMachine(IOrderedMap map, StateOptions options, in Meta meta)
    {
        if (meta == Meta.Blank && map.Count > 0)
        {
            throw new ArgumentException("A new state begins with an empty map.", nameof(map));
        }

        _map = new HashedMap(map, meta.Sum);
        _options = options;
        _keyspace = new KeyspaceWriter(_map, meta);
        _leases = new LeaseTable(_map, options.Plants);
        _sessions = new SessionTable(_map, options.Sessions);
        _sweeper = new Sweeper(_map, options.Plants);
        _executor = new TxnExecutor(_keyspace, _leases);
        _appliedIndex = meta.AppliedIndex;
        _compactRevision = meta.CompactRevision;
        _leaseTimeMs = meta.LeaseTimeMs;
        IsSweeping = meta.CompactRevision > 0;
        Current = Publish();
    }

    /// <summary>Who is told of every revision; <see langword="null"/> for nobody, and then nothing is built to be told.</summary>
    public IStateObserver? Observer { get; set; }

    /// <summary>The version published last.</summary>
    public StateVersion Current { get; private set; }

    /// <summary>Index of the last entry applied, published or not.</summary>
    public ulong AppliedIndex => _appliedIndex;

    /// <summary>The highest stamp seen, in milliseconds; it never runs back.</summary>
    public long LeaseTimeMs => _leaseTimeMs;

    /// <summary>Whether there are leases, so that time has to be stamped on entries.</summary>
    public bool HasLeases => !_leases.IsEmpty;

    /// <summary>
    /// Whether compacted versions are still to be removed, which each entry does a bounded number of. When nothing else is
    /// written the leader may propose entries without effect (a refresh of no leases) until this is over.
    /// </summary>
    public bool IsSweeping { get; private set; }

    /// <summary>A machine that goes on from a map loaded out of a snapshot, or from an empty one.</summary>
    /// <exception cref="StateException">The map holds something else (<see cref="StateError.Malformed"/>).</exception>
    public static StateMachine Restore(IOrderedMap loadedMap, StateOptions options)
    {
        if ((options.Plants & StatePlants.SessionsNotInSnapshot) != 0)
        {
            SessionTable.Omit(loadedMap);
        }

        return new StateMachine(loadedMap, options, Meta.Read(loadedMap));
    }

    /// <summary>Begins an entry.</summary>
    /// <param name="index">Its index, above that of the entry before; entries without commands may be left out if all replicas leave out the same.</param>
    /// <param name="leaseTimeMs">The stamp it carries; one below the highest seen counts for nothing.</param>
    /// <param name="featureLevel">The level of the configuration in force there: see <see cref="FeatureLevel"/>.</param>
    /// <exception cref="InvalidOperationException">This build does not know that level.</exception>
    public void BeginEntry(ulong index, long leaseTimeMs, uint featureLevel)
    {
        Check.That(_openIndex == 0 && index > _appliedIndex);
        if (FeatureLevel.Objection(featureLevel) is { } objection)
        {
            throw new InvalidOperationException(objection);
        }

        _openIndex = index;
        _commandsInEntry = 0;
        _featureLevel = featureLevel;
        _leaseTimeMs = Math.Max(_leaseTimeMs, leaseTimeMs);
    }

    /// <summary>Applies one command of the entry. It is checked whole before its first write: a refused one changes nothing.</summary>
    /// <param name="command">The command as <see cref="CommandCodec"/> encodes it; may be any bytes.</param>
    /// <param name="wantResult">Whether somebody on this node waits for the answer.</param>
    /// <returns>The answer, an <see cref="ErrorResult"/> if it was refused; <see langword="null"/> when it is not wanted.</returns>
    public CommandResult? Apply(ReadOnlyMemory<byte> command, bool wantResult)
    {
        Check.That(_openIndex != 0);
        _commandsInEntry++;
        return ApplyBytes(command, wantResult);
    }

    /// <summary>Ends the entry, and removes a bounded number of compacted versions.</summary>
    public void EndEntry()
    {
        Check.That(_openIndex != 0);
        _appliedIndex = _openIndex;
        _openIndex = 0;
        _sessions.ForgetIdle(_leaseTimeMs);
        if (IsSweeping)
        {
            IsSweeping = _sweeper.Sweep(_compactRevision, _options.SweepPerEntry + (_options.SweepPerCommand * _commandsInEntry));
        }
    }

    /// <summary>Publishes everything applied so far as one version.</summary>
    public StateVersion Publish()
    {
        Check.That(_openIndex == 0);
        Meta meta = CurrentMeta();
        Span<byte> stored = stackalloc byte[Meta.Size];
        meta.Write(stored);
        Current = new StateVersion(_map.Publish(stored), meta);
        return Current;
    }

    /// <summary>The state hash as of <see cref="AppliedIndex"/>, published or not.</summary>
    public UInt128 ComputeHash()
    {
        Check.That(_openIndex == 0);
        return CurrentMeta().StateHash;
    }

    /// <summary>Adds the leases whose deadline is at or before a lease time, earliest first.</summary>
    public void CollectExpired(long leaseTimeMs, int max, List<long> into) => _leases.CollectExpired(leaseTimeMs, max, into);

    private Meta CurrentMeta() =>
        new(_appliedIndex, _keyspace.Revision, _compactRevision, _leaseTimeMs, _keyspace.KeyCount, _map.Sum);

    private CommandResult? ApplyBytes(ReadOnlyMemory<byte> command, bool wantResult)
    {
        try
        {
            if (CommandCodec.IsPut(command.Span))
            {
                return ApplyPut(CommandCodec.DecodePut(command), wantResult);
            }

            return CommandCodec.IsInSession(command.Span)
                ? ApplyInSession(command, wantResult)
                : ApplyDecoded(CommandCodec.Decode(command), wantResult);
        }
        catch (StateException refused)
        {
            return Refuse(refused.Error, wantResult);
        }
    }

    private CommandResult? ApplyPut(in PutFields put, bool wantResult)
    {
        StateError error = _executor.CheckPut(put);
        if (error != StateError.None)
        {
            return Refuse(error, wantResult);
        }

        BeginCommand();
        PutResult? result = _executor.Put(put, wantResult);
        EndCommand();
        return result;
    }

    private CommandResult? ApplyDecoded(Command command, bool wantResult)
    {
        StateError error = CheckDecoded(command);
        if (error != StateError.None)
        {
            return Refuse(error, wantResult);
        }

        BeginCommand();
        CommandResult? result = Run(command, wantResult);
        EndCommand();
        return result ?? (wantResult ? new EmptyResult(_keyspace.Revision) : null);
    }

    private StateError CheckDecoded(Command command) => command switch
    {
        TxnCommand txn => _executor.Plan(txn, _compactRevision),
        CompactCommand compact => CheckCompact(compact.Revision),
        LeaseGrantCommand grant => CheckGrant(grant),
        LeaseRevokeCommand revoke => _leases.Find(revoke.Id) is null ? StateError.LeaseNotFound : StateError.None,
        OpenSessionCommand when _featureLevel < FeatureLevel.Sessions => StateError.FeatureLevel,
        _ => StateError.None,
    };

    private StateError CheckCompact(long revision)
    {
        if (revision <= _compactRevision)
        {
            return StateError.Compacted;
        }

        return revision > _keyspace.Revision ? StateError.FutureRevision : StateError.None;
    }

    private StateError CheckGrant(LeaseGrantCommand grant)
    {
        if (grant.Id == 0 || grant.TtlSeconds is <= 0 or > LeaseRecord.MaxTtlSeconds)
        {
            return StateError.Malformed;
        }

        return _leases.Find(grant.Id) is null ? StateError.None : StateError.LeaseExists;
    }

    private CommandResult? Run(Command command, bool wantResult)
    {
        switch (command)
        {
            case DeleteRangeCommand delete:
                return _executor.Delete(delete, wantResult);
            case TxnCommand txn:
                return _executor.Execute(txn, wantResult);
            case CompactCommand compact:
                _compactRevision = compact.Revision;
                IsSweeping = true;
                return null;
            case LeaseGrantCommand grant:
                _leases.Grant(grant.Id, grant.TtlSeconds, _leaseTimeMs);
                return wantResult ? new LeaseGrantResult(_keyspace.Revision, grant.Id, grant.TtlSeconds) : null;
            case LeaseRevokeCommand revoke:
                _leases.Revoke(revoke.Id, _keyspace);
                return null;
            case LeaseRefreshCommand refresh:
                Refresh(refresh.Ids);
                return null;
            case LeaseExpireCommand expire:
                Expire(expire.Ids);
                return null;
            case OpenSessionCommand open:
                _sessions.Open(open.Id, _leaseTimeMs);
                return null;
            default:
                throw new InvalidOperationException("A command was decoded that cannot be run.");
        }
    }

    private void Refresh(IReadOnlyList<long> ids)
    {
        foreach (long id in ids)
        {
            _leases.Refresh(id, _leaseTimeMs);
        }
    }

    /// <summary>Each lease is a revision of its own, as if each had been revoked by itself.</summary>
    private void Expire(IReadOnlyList<long> ids)
    {
        bool isUnchecked = (_options.Plants & StatePlants.LeaseExpiryUnchecked) != 0;
        foreach (long id in ids)
        {
            if (_leases.Find(id) is { } lease && (isUnchecked || lease.DeadlineMs <= _leaseTimeMs))
            {
                _leases.Revoke(id, _keyspace);
                EndCommand();
                BeginCommand();
            }
        }
    }

    private void BeginCommand() => _keyspace.Begin(gatherEvents: Observer is not null);

    private void EndCommand()
    {
        RevisionEvents? written = _keyspace.End();
        if (written is not null && !IsPlantedLoss(written.Revision))
        {
            Observer!.OnRevision(written);
        }
    }

    private bool IsPlantedLoss(long revision) =>
        (_options.Plants & StatePlants.WatchEventLost) != 0 && revision % 8 == 0;

    private ErrorResult? Refuse(StateError error, bool wantResult) => wantResult ? new ErrorResult(_keyspace.Revision, error) : null;
}
