namespace Quorate.State;

/// <summary>
/// The leases, and the order in which they run out. The order is derived: it is built anew from the map when a state is
/// restored, and holds exactly one item for each lease.
/// </summary>
internal sealed class LeaseTable
{
    private readonly HashedMap _map;
    private readonly bool _isShortened;
    private readonly SortedSet<(long DeadlineMs, long Id)> _byDeadline = [];

    public LeaseTable(HashedMap map, StatePlants plants)
    {
        _map = map;
        _isShortened = (plants & StatePlants.LeaseShortened) != 0;
        foreach (long id in LeaseRecord.Ids(map.Reader))
        {
            _byDeadline.Add((Find(id)!.Value.DeadlineMs, id));
        }
    }

    public bool IsEmpty => _byDeadline.Count == 0;

    public LeaseRecord? Find(long id) => LeaseRecord.Find(_map.Reader, id);

    public void Grant(long id, long ttlSeconds, long leaseTimeMs)
    {
        LeaseRecord lease = Renewed(new LeaseRecord(ttlSeconds, 0), leaseTimeMs);
        Span<byte> stored = stackalloc byte[LeaseRecord.Size];
        lease.Write(stored);
        _map.Insert(Key(id), stored);
        _byDeadline.Add((lease.DeadlineMs, id));
    }

    /// <summary>Sets a lease's deadline anew; passes over one that is not there.</summary>
    public void Refresh(long id, long leaseTimeMs)
    {
        if (Find(id) is not { } lease)
        {
            return;
        }

        LeaseRecord renewed = Renewed(lease, leaseTimeMs);
        Span<byte> stored = stackalloc byte[LeaseRecord.Size];
        renewed.Write(stored);
        _map.Replace(Key(id), stored);
        _byDeadline.Remove((lease.DeadlineMs, id));
        _byDeadline.Add((renewed.DeadlineMs, id));
    }

    /// <summary>Deletes the keys of a lease that is there, in their order, and then the lease.</summary>
    public void Revoke(long id, KeyspaceWriter keyspace)
    {
        long deadlineMs = Find(id)!.Value.DeadlineMs;
        foreach (ReadOnlyMemory<byte> key in LeaseRecord.Keys(_map.Reader, id))
        {
            long deleted = keyspace.Delete(new KeyRange(key, default), previous: null);
            Check.That(deleted == 1);
        }

        _map.Remove(Key(id));
        bool wasOrdered = _byDeadline.Remove((deadlineMs, id));
        Check.That(wasOrdered);
    }

    public void CollectExpired(long leaseTimeMs, int max, List<long> into)
    {
        foreach ((long deadlineMs, long id) in _byDeadline)
        {
            if (deadlineMs > leaseTimeMs || max-- <= 0)
            {
                return;
            }

            into.Add(id);
        }
    }

    private static byte[] Key(long id) => Layout.NumberedKey(Layout.LeaseTable, id);

    private LeaseRecord Renewed(LeaseRecord lease, long leaseTimeMs)
    {
        LeaseRecord renewed = lease.RenewedAt(leaseTimeMs);
        return _isShortened ? renewed with { DeadlineMs = leaseTimeMs + ((renewed.DeadlineMs - leaseTimeMs) / 2) } : renewed;
    }
}
