using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// The log of one group as its protocol sees it: the newest entries in memory, with the position of the record each one
/// stands in. What is older lives on disk (its positions are remembered) and in snapshots.
/// </summary>
internal sealed class GroupLog : ILog
{
    private readonly RingList<(Entry Entry, long Position)> _entries = new();
    private readonly RingList<long> _positions = new();
    private ulong _firstInMemory = 1;
    private ulong _firstOnDisk = 1;
    private Ballot _ballotBeforeFirst;
    private long _bytesInMemory;

    /// <summary>An empty log.</summary>
    public GroupLog()
    {
    }

    /// <summary>A log that begins behind a snapshot.</summary>
    public GroupLog(ulong index, Ballot ballot)
    {
        _firstInMemory = index + 1;
        _firstOnDisk = index + 1;
        _ballotBeforeFirst = ballot;
        Decided = index;
    }

    public ulong First => _firstInMemory;

    public ulong Last => _firstInMemory + (ulong)_entries.Count - 1;

    public ulong Decided { get; private set; }

    /// <summary>Index of the oldest entry whose record is still in the log of records.</summary>
    public ulong FirstOnDisk => _firstOnDisk;

    /// <summary>The position of the record of the oldest entry in memory; <see cref="long.MaxValue"/> if there is none.</summary>
    public long FirstPosition => _entries.Count == 0 ? long.MaxValue : _entries[0].Position;

    /// <summary>Payload bytes held in memory.</summary>
    public long BytesInMemory => _bytesInMemory;

    public Ballot LastBallot => BallotAt(Last);

    /// <summary>What the node once held and may have acknowledged, while a part of that is lost; <see langword="null"/> otherwise.</summary>
    public LogEnd? Claim { get; set; }

    public LogEnd End
    {
        get
        {
            LogEnd own = new(Last, LastBallot);
            return Claim is { } claim && !own.IsAtLeast(claim) ? claim : own;
        }
    }

    public bool IsWhole => End.Index == Last && End.Ballot == LastBallot;

    public Ballot BallotAt(ulong index)
    {
        if (index == _firstInMemory - 1)
        {
            return _ballotBeforeFirst;
        }

        Invariant.Check(index >= _firstInMemory && index <= Last, "The ballot of an entry that is not in memory was asked for.");
        return _entries[(int)(index - _firstInMemory)].Entry.Ballot;
    }

    /// <summary>Whether this log is known to hold the entry (index, ballot), in memory or as its base.</summary>
    public bool Holds(ulong index, Ballot ballot) =>
        index >= _firstInMemory - 1 && index <= Last && BallotAt(index) == ballot;

    public Entry At(ulong index)
    {
        Invariant.Check(index >= _firstInMemory && index <= Last, "An entry that is not in memory was asked for.");
        return _entries[(int)(index - _firstInMemory)].Entry;
    }

    public void Read(ulong from, int maxBytes, List<Entry> into)
    {
        Invariant.Check(from >= _firstInMemory, "Entries that are not in memory were asked for.");
        long bytes = 0;
        for (ulong index = from; index <= Last && (bytes < maxBytes || index == from); index++)
        {
            Entry entry = At(index);
            bytes += entry.Payload.Length;
            into.Add(entry);
        }
    }

    /// <summary>The position of the record of the entry at <paramref name="index"/>, in [<see cref="FirstOnDisk"/>, <see cref="Last"/>].</summary>
    public long PositionOf(ulong index)
    {
        Invariant.Check(index >= _firstOnDisk && index <= Last, "The position of an entry that is not on disk was asked for.");
        return _positions[(int)(index - _firstOnDisk)];
    }

    public void Append(Entry entry, long position)
    {
        Invariant.Check(entry.Index == Last + 1, "An entry must continue the log.");
        Invariant.Check(entry.Ballot.Round >= LastBallot.Round, "Rounds never fall along a log.");
        _entries.Add((entry, position));
        _positions.Add(position);
        _bytesInMemory += entry.Payload.Length;
    }

    public void TruncateFrom(ulong index)
    {
        Invariant.Check(index > Decided, "Nothing decided is ever cut.");
        Invariant.Check(index >= _firstInMemory && index <= Last, "Only entries in memory can be cut.");
        for (ulong cut = index; cut <= Last; cut++)
        {
            _bytesInMemory -= At(cut).Payload.Length;
        }

        _entries.RemoveLast((int)(Last - index + 1));
        _positions.RemoveLast(_positions.Count - (int)(index - _firstOnDisk));
    }

    /// <summary>Cuts everything behind an index; nothing if it ends there.</summary>
    public void ClearBehind(ulong index)
    {
        if (Last > index)
        {
            TruncateFrom(index + 1);
        }
    }

    public void DecideTo(ulong index)
    {
        Invariant.Check(index > Decided && index <= Last, "What is decided rises and lies in the log.");
        Decided = index;
    }

    /// <summary>Forgets the oldest entries in memory until at most <paramref name="maxBytes"/> are held; never one behind <paramref name="keepAfter"/>.</summary>
    public void Shrink(long maxBytes, ulong keepAfter)
    {
        while (_bytesInMemory > maxBytes && _entries.Count > 0 && _firstInMemory <= keepAfter)
        {
            Entry oldest = _entries[0].Entry;
            _ballotBeforeFirst = oldest.Ballot;
            _bytesInMemory -= oldest.Payload.Length;
            _entries.RemoveFirst(1);
            _firstInMemory++;
        }
    }

    /// <summary>The records of entries below <paramref name="index"/> are gone from the disk.</summary>
    public void ForgetDiskBefore(ulong index)
    {
        ulong first = Math.Min(index, Last + 1);
        if (first > _firstOnDisk)
        {
            _positions.RemoveFirst((int)(first - _firstOnDisk));
            _firstOnDisk = first;
        }
    }

    /// <summary>
    /// A snapshot stands in for everything up to <paramref name="index"/>. What lies behind is kept only if the log holds
    /// exactly that entry (DESIGN §3, rule 6).
    /// </summary>
    /// <returns>Whether the entries behind were kept.</returns>
    public bool Rebase(ulong index, Ballot ballot)
    {
        bool keep = Holds(index, ballot);
        if (!keep)
        {
            Invariant.Check(index > Decided, "Nothing decided is ever cut.");
            _entries.Clear();
            _positions.Clear();
            _bytesInMemory = 0;
            _firstInMemory = index + 1;
            _firstOnDisk = index + 1;
            _ballotBeforeFirst = ballot;
        }

        if (index > Decided)
        {
            Decided = index;
        }

        return keep;
    }
}
