namespace Quorate.State;

/// <summary>The keys that a list of operations may put and the ranges it may delete, whichever branches its nested transactions take.</summary>
internal sealed class WriteSet
{
    private static readonly WriteSet Nothing = new();

    private readonly List<ReadOnlyMemory<byte>> _puts = [];
    private readonly List<KeyRange> _deletions = [];

    /// <summary>Gathers what the operations write.</summary>
    /// <returns><see langword="false"/> when two of them write the same key other than by deleting it twice.</returns>
    public static bool TryGather(IReadOnlyList<Command> operations, out WriteSet gathered)
    {
        gathered = operations.Count == 0 ? Nothing : new WriteSet();
        var puts = new List<OwnedPut>();
        var deletions = new List<(KeyRange Range, int Owner)>();
        for (int owner = 0; owner < operations.Count; owner++)
        {
            if (!TryGather(operations[owner], out WriteSet own))
            {
                return false;
            }

            gathered._puts.AddRange(own._puts);
            gathered._deletions.AddRange(own._deletions);
            foreach (ReadOnlyMemory<byte> key in own._puts)
            {
                puts.Add(new OwnedPut(key, owner));
            }

            foreach (KeyRange range in own._deletions)
            {
                deletions.Add((range, owner));
            }
        }

        puts.Sort();
        return !HasRepeatedPut(puts) && !HasDeletedPut(puts, deletions);
    }

    private static bool TryGather(Command operation, out WriteSet gathered)
    {
        gathered = Nothing;
        switch (operation)
        {
            case PutCommand put:
                gathered = new WriteSet();
                gathered._puts.Add(put.Key);
                return true;
            case DeleteRangeCommand delete:
                gathered = new WriteSet();
                gathered._deletions.Add(delete.Range);
                return true;
            case TxnCommand txn:
                if (!TryGather(txn.Success, out WriteSet success) || !TryGather(txn.Failure, out WriteSet failure))
                {
                    return false;
                }

                gathered = new WriteSet();
                gathered._puts.AddRange(success._puts);
                gathered._puts.AddRange(failure._puts);
                gathered._deletions.AddRange(success._deletions);
                gathered._deletions.AddRange(failure._deletions);
                return true;
            default:
                return true;
        }
    }

    private static bool HasRepeatedPut(List<OwnedPut> puts)
    {
        for (int i = 1; i < puts.Count; i++)
        {
            if (puts[i].Owner != puts[i - 1].Owner && puts[i].Key.Span.SequenceEqual(puts[i - 1].Key.Span))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasDeletedPut(List<OwnedPut> puts, List<(KeyRange Range, int Owner)> deletions)
    {
        if (puts.Count == 0 || deletions.Count == 0)
        {
            return false;
        }

        // Where the run of equal owners that a put stands in ends: whether a range holds a put of another owner than its own
        // is then one search, however many puts it covers.
        var runEnds = new int[puts.Count];
        for (int i = puts.Count - 1; i >= 0; i--)
        {
            bool endsHere = i == puts.Count - 1 || puts[i].Owner != puts[i + 1].Owner;
            runEnds[i] = endsHere ? i + 1 : runEnds[i + 1];
        }

        foreach ((KeyRange range, int owner) in deletions)
        {
            int first = FirstAtOrAfter(puts, range.Key.Span);
            if (first < puts.Count && puts[first].Owner == owner)
            {
                first = runEnds[first];
            }

            if (first < puts.Count && range.Contains(puts[first].Key.Span))
            {
                return true;
            }
        }

        return false;
    }

    private static int FirstAtOrAfter(List<OwnedPut> puts, ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = puts.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (puts[middle].Key.Span.SequenceCompareTo(key) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private readonly record struct OwnedPut(ReadOnlyMemory<byte> Key, int Owner) : IComparable<OwnedPut>
    {
        public int CompareTo(OwnedPut other)
        {
            int byKey = Key.Span.SequenceCompareTo(other.Key.Span);
            return byKey != 0 ? byKey : Owner.CompareTo(other.Owner);
        }
    }
}
