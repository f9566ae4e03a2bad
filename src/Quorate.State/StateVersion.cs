using Quorate.Storage;

namespace Quorate.State;

/// <summary>
/// The keyspace as of one applied entry: immutable, readable from any thread, published as one reference at the end of a
/// batch (DESIGN §4). What its reads return are slices of its own bytes.
/// </summary>
public sealed class StateVersion : IWatchHistory
{
    private readonly Meta _meta;

    internal StateVersion(IMapVersion map, in Meta meta)
    {
        Map = map;
        _meta = meta;
        StateHash = meta.StateHash;
    }

    /// <summary>Everything durable this state knows, for snapshots.</summary>
    public IMapVersion Map { get; }

    /// <summary>Index of the last applied entry; 0 before the first.</summary>
    public ulong AppliedIndex => _meta.AppliedIndex;

    /// <summary>Revision of the last write; 1 when there was none.</summary>
    public long Revision => _meta.Revision;

    /// <summary>The oldest revision that can be read or watched from; 0 when nothing was compacted.</summary>
    public long CompactRevision => _meta.CompactRevision;

    /// <summary>The highest stamp among the applied entries, in milliseconds.</summary>
    public long LeaseTimeMs => _meta.LeaseTimeMs;

    /// <summary>Bytes of all keys and values, with the history that is still kept: what a quota bounds.</summary>
    public long LogicalBytes => Map.LogicalBytes;

    /// <summary>How many keys there are.</summary>
    public long KeyCount => _meta.KeyCount;

    /// <summary>Equal on all replicas that have applied the same entries; independent of batches and ballots.</summary>
    public UInt128 StateHash { get; }

    /// <summary>Computes <see cref="StateHash"/> anew from every byte of the map. Takes about a tenth of a microsecond a key.</summary>
    public UInt128 ComputeStateHash() => (_meta with { Sum = HashedMap.Recompute(Map) }).StateHash;

    /// <summary>Reads a range: filter, then sort, then limit. The count is taken before filters and limit.</summary>
    /// <exception cref="StateException">Its revision is <see cref="StateError.Compacted"/> or a <see cref="StateError.FutureRevision"/>.</exception>
    public RangeResult Range(RangeQuery query) => RangeReader.Read(Map, query, ReadableRevision(query.Revision), Revision);

    /// <summary>
    /// Runs a transaction that only reads, with the result that applying it as the next command would have given.
    /// </summary>
    /// <param name="txn">One that <see cref="TxnRules.Verify"/> has passed and <see cref="TxnRules.IsReadOnly"/> holds for.</param>
    /// <exception cref="StateException">A range on the branches taken is at a revision that cannot be read, as <see cref="Range"/>.</exception>
    /// <exception cref="ArgumentException">It writes.</exception>
    public TxnResult Read(TxnCommand txn)
    {
        bool succeeded = Guards.AllHold(Map, txn.Compares);
        IReadOnlyList<Command> operations = succeeded ? txn.Success : txn.Failure;
        var responses = new CommandResult[operations.Count];
        for (int i = 0; i < responses.Length; i++)
        {
            responses[i] = operations[i] switch
            {
                RangeCommand range => Range(range.Query),
                TxnCommand nested => Read(nested),
                _ => throw new ArgumentException("A transaction that writes goes through the log.", nameof(txn)),
            };
        }

        return new TxnResult(Revision, succeeded, responses);
    }

    /// <summary>The newest version of a key, or <see langword="null"/>.</summary>
    public KeyValue? Get(ReadOnlyMemory<byte> key) => RangeReader.Find(Map, key, long.MaxValue);

    /// <summary>Walks the live keys of a range in ascending order, one at a time, for answers that are streamed.</summary>
    /// <param name="range">Which keys.</param>
    /// <param name="revision">The revision to read at; 0 or less for the newest.</param>
    /// <exception cref="StateException">As <see cref="Range"/>.</exception>
    public IEnumerable<KeyValue> Scan(KeyRange range, long revision = 0) => Walk(range, ReadableRevision(revision));

    /// <summary>A lease, or <see langword="null"/>.</summary>
    public LeaseInfo? FindLease(long id) => LeaseRecord.Find(Map, id)?.ToInfo(id, LeaseTimeMs);

    /// <summary>The ids of all leases, in ascending order (negative ones last).</summary>
    public IReadOnlyList<long> Leases() => LeaseRecord.Ids(Map);

    /// <summary>The keys that hang on a lease, in ascending order; none for an unknown lease.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> LeaseKeys(long id) => LeaseRecord.Keys(Map, id);

    /// <summary>
    /// Reads what changed in a range from a revision on: whole revisions, ascending, the operations of each in order, with
    /// <see cref="WatchEvent.Previous"/> where it is not compacted. Walks the keys of the range, so it costs as much as
    /// counting them and the versions in question.
    /// </summary>
    /// <param name="range">Which keys.</param>
    /// <param name="fromRevision">The first revision of interest; one above <see cref="Revision"/> delivers nothing.</param>
    /// <param name="maxRevisions">Most revisions to deliver; positive.</param>
    /// <param name="into">Where the revisions are added.</param>
    /// <returns>The revision to go on from: above <see cref="Revision"/> when everything was delivered.</returns>
    /// <exception cref="StateException"><see cref="StateError.Compacted"/> when <paramref name="fromRevision"/> is below <see cref="CompactRevision"/>.</exception>
    public long ReadHistory(KeyRange range, long fromRevision, int maxRevisions, List<RevisionEvents> into)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRevisions);
        if (fromRevision < CompactRevision)
        {
            throw new StateException(StateError.Compacted);
        }

        if (fromRevision > Revision)
        {
            return fromRevision;
        }

        long completed = new HistoryReader(Map, Math.Max(1, fromRevision), CompactRevision, maxRevisions).Read(range, into);
        return Math.Min(completed, Revision) + 1;
    }

    /// <summary>The hash of all versions at or below a revision exactly as etcd's <c>HashKV</c> computes it. Costs a sort of all of them.</summary>
    /// <param name="revision">The revision; 0 or less for the newest.</param>
    /// <exception cref="StateException">As <see cref="Range"/>.</exception>
    public KeyspaceHash HashKeyspace(long revision)
    {
        ReadableRevision(revision);
        long hashRevision = revision <= 0 ? Revision : revision;
        return new KeyspaceHash(KeyspaceHasher.Hash(Map, hashRevision, CompactRevision), CompactRevision, hashRevision);
    }

    private long ReadableRevision(long revision)
    {
        if (revision > Revision)
        {
            throw new StateException(StateError.FutureRevision);
        }

        if (revision > 0 && revision < CompactRevision)
        {
            throw new StateException(StateError.Compacted);
        }

        return revision <= 0 ? long.MaxValue : revision;
    }

    private IEnumerable<KeyValue> Walk(KeyRange range, long atRevision)
    {
        var cursor = new VersionCursor(Map, range);
        while (cursor.MoveNextKey(atRevision))
        {
            if (!cursor.IsTombstone)
            {
                yield return cursor.Record.ToKeyValue(cursor.Key);
            }
        }
    }
}
