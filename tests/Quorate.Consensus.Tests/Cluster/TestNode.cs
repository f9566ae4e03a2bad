namespace Quorate.Consensus.Tests;

/// <summary>
/// One node of a test cluster: a log of records of which a prefix is durable, a log of entries in memory, and the protocol
/// between them. A crash loses everything behind the durable prefix.
/// </summary>
internal sealed class TestNode(NodeId id, string name, TestCluster cluster) : IEffects, ILog
{
    private readonly List<(long After, NodeId To, RaftMessage Message)> _held = [];
    private readonly List<TestRecord> _records = [];
    private readonly List<Entry> _entries = [];
    private readonly List<long> _entryPositions = [];
    private long _position;
    private long _ballotsPosition;
    private ulong _recoveredDecided;

    public NodeId Id { get; } = id;

    public string Name { get; } = name;

    public Raft? Protocol { get; private set; }

    public bool IsUp => Protocol is not null;

    public int Incarnation { get; private set; }

    public Instant Now { get; private set; } = new(1_000_000);

    /// <summary>The durable image: what a crash right now would leave.</summary>
    public List<Entry> DurableEntries { get; } = [];

    public Ballots DurableBallots { get; private set; }

    public long DurablePosition { get; private set; }

    public bool HasUnflushed => _records.Count > 0;

    public int UnflushedRecords => _records.Count;

    public IReadOnlyList<(long After, NodeId To, RaftMessage Message)> Held => _held;

    /// <summary>Where the pull stream was last asked to begin; 0 when nothing is needed.</summary>
    public ulong NeedsFrom { get; private set; }

    public ulong First { get; private set; } = 1;

    public ulong Last => (ulong)_entries.Count;

    public ulong Decided { get; private set; }

    public Ballot BallotAt(ulong index)
    {
        Assert.InRange(index, First - 1, Last);
        return index == 0 ? Ballot.Zero : _entries[(int)index - 1].Ballot;
    }

    public Entry At(ulong index) => _entries[(int)index - 1];

    public void Read(ulong from, int maxBytes, List<Entry> into)
    {
        Assert.InRange(from, First, Last + 1);
        int bytes = 0;
        for (ulong i = from; i <= Last && (i == from || bytes + At(i).Payload.Length <= maxBytes); i++)
        {
            bytes += At(i).Payload.Length;
            into.Add(At(i));
        }
    }

    public void Start()
    {
        Assert.Null(Protocol);
        _entries.Clear();
        _entries.AddRange(DurableEntries);
        _entryPositions.Clear();
        _entryPositions.AddRange(Enumerable.Repeat(0L, _entries.Count));
        Decided = _recoveredDecided;
        First = Math.Min(First, Decided + 1);
        Incarnation++;
        Protocol = new Raft(
            Id, cluster.Configuration, this, DurableBallots, this, cluster.Generator.Split(), cluster.Options);
    }

    public void Crash()
    {
        Protocol = null;
        _held.Clear();
        _records.Clear();
        NeedsFrom = 0;
    }

    public void Tick(TimeSpan span)
    {
        Now += span;
        Protocol!.Tick(Now);
    }

    /// <summary>The disk has flushed the next <paramref name="count"/> records.</summary>
    public void Flush(int count)
    {
        foreach (TestRecord record in _records.Take(count))
        {
            record.ApplyTo(DurableEntries);
            DurableBallots = record.Ballots ?? DurableBallots;
            DurablePosition = record.Position;
        }

        _records.RemoveRange(0, count);
        RememberDecided();
        List<(long After, NodeId To, RaftMessage Message)> released = _held.FindAll(held => held.After <= DurablePosition);
        _held.RemoveAll(held => held.After <= DurablePosition);
        foreach ((long _, NodeId to, RaftMessage message) in released)
        {
            cluster.Transmit(this, to, message);
        }

        cluster.Trace(this, $"durable p{DurablePosition}");
        Protocol!.Durable(DurablePosition);
    }

    // What is known to be decided speaks for entries that may still be behind the durable prefix, where a tail that is to be cut
    // may lie in their place; a disk that remembered the bare number would call that tail decided.
    private void RememberDecided()
    {
        ulong index = Math.Min(Decided, (ulong)DurableEntries.Count);
        while (index > _recoveredDecided && DurableEntries[(int)index - 1].Ballot != At(index).Ballot)
        {
            index--;
        }

        _recoveredDecided = Math.Max(_recoveredDecided, index);
    }

    public void Trim(ulong first)
    {
        Assert.InRange(first, First, Decided + 1);
        First = first;
    }

    /// <summary>The pull stream brings decided entries (DESIGN §3, rule 6).</summary>
    public void Pull(TestNode from, ulong upTo, bool asSnapshot)
    {
        Protocol!.Promise(new Ballot(1, from.Protocol!.Status.Ballots.Round, from.Protocol.Status.Leader));
        ulong kept = Decided;
        while (kept < upTo && kept < Last && At(kept + 1).Ballot == from.At(kept + 1).Ballot)
        {
            kept++;
        }

        if (kept < upTo)
        {
            if (kept < Last)
            {
                Cut(kept + 1);
            }

            List<Entry> entries = [];
            for (ulong i = kept + 1; i <= upTo; i++)
            {
                entries.Add(from.At(i));
            }

            Add(entries);
        }

        Decided = upTo;
        cluster.Oracle.OnDecided(this, upTo, pulled: true);
        First = asSnapshot ? upTo + 1 : First;
        NeedsFrom = 0;
        cluster.Trace(this, $"installed {upTo}");
        Protocol!.Installed(upTo);
    }

    public long Append(IReadOnlyList<Entry> entries)
    {
        Assert.NotEmpty(entries);
        cluster.Trace(this, $"append {string.Join(' ', entries.Select(entry => TraceText.Of(entry)))} (p{_position + 1})");
        return Add([.. entries]);
    }

    public long TruncateFrom(ulong index)
    {
        Assert.InRange(index, 1UL, Last);
        cluster.Trace(this, $"cut from {index} (p{_position + 1})");
        cluster.Oracle.OnTruncate(this, index);
        return Cut(index);
    }

    public long SaveBallots(Ballots ballots)
    {
        cluster.Trace(this, $"save r{ballots.Round} vote {cluster.NameOf(ballots.VotedFor)} (p{_position + 1})");
        cluster.Oracle.OnSaveBallots(this, ballots);
        _ballotsPosition = Record(new TestRecord(0, 0, null, ballots));
        return _ballotsPosition;
    }

    public void Send(NodeId to, ProtocolMessage message, long after = 0)
    {
        RaftMessage raft = (RaftMessage)message;
        bool held = after > DurablePosition;
        cluster.Trace(this, $"{(held ? $"hold p{after}" : "send")} {cluster.NameOf(to)} {TraceText.Of(raft)}");
        cluster.Oracle.OnSay(this, raft, Math.Max(after, DurablePosition), PositionBehind(raft));
        if (held)
        {
            _held.Add((after, to, raft));
        }
        else
        {
            cluster.Transmit(this, to, raft);
        }
    }

    void IEffects.Decided(ulong upTo)
    {
        cluster.Trace(this, $"decided {upTo}");
        Assert.InRange(upTo, Decided + 1, Last);
        Decided = upTo;
        cluster.Oracle.OnDecided(this, upTo, pulled: false);
    }

    public void Need(ulong from, NodeId hint)
    {
        cluster.Trace(this, $"need from {from} of {cluster.NameOf(hint)}");
        NeedsFrom = from;
    }

    public void Refused(IReadOnlyList<ReadOnlyMemory<byte>> commands, RefusalReason reason) =>
        cluster.Trace(this, $"refused {commands.Count} {reason}");

    public void BarrierPassed(ulong id, ulong index)
    {
        cluster.Trace(this, $"barrier {id} passed at {index}");
        cluster.Oracle.OnBarrierPassed(this, id, index);
    }

    public void BarrierLost(ulong id)
    {
        cluster.Trace(this, $"barrier {id} lost");
        cluster.Oracle.OnBarrierLost(this, id);
    }

    public void LeaderIs(NodeId node, Ballot ballot)
    {
        cluster.Trace(this, $"leader {cluster.NameOf(node)} r{ballot.Round}");
        if (node == Id)
        {
            cluster.Oracle.OnLeads(this, ballot);
        }
    }

    // The position of the newest record that a message speaks for (DESIGN §3, rule 3).
    private long PositionBehind(RaftMessage message) => message switch
    {
        VoteReply { Granted: true, IsPreVote: false } => _ballotsPosition,
        VoteRequest { Vote: not VoteKind.Pre } => Math.Max(_ballotsPosition, PositionAt(Last)),
        AppendAck ack => PositionAt(ack.Match),
        _ => 0,
    };

    private long PositionAt(ulong index) => index == 0 ? 0 : _entryPositions[(int)index - 1];

    private long Add(List<Entry> entries)
    {
        Assert.Equal(Last + 1, entries[0].Index);
        cluster.Oracle.OnAppend(this, entries);
        long position = Record(new TestRecord(0, 0, entries, null));
        _entries.AddRange(entries);
        _entryPositions.AddRange(Enumerable.Repeat(position, entries.Count));
        return position;
    }

    private long Cut(ulong index)
    {
        _entries.RemoveRange((int)index - 1, _entries.Count - (int)index + 1);
        _entryPositions.RemoveRange((int)index - 1, _entryPositions.Count - (int)index + 1);
        return Record(new TestRecord(0, index, null, null));
    }

    private long Record(TestRecord record)
    {
        _records.Add(record with { Position = ++_position });
        return _position;
    }
}

/// <summary>A record of the log of records: one of entries, a cut, or ballots.</summary>
internal sealed record TestRecord(long Position, ulong CutFrom, List<Entry>? Entries, Ballots? Ballots)
{
    public void ApplyTo(List<Entry> entries)
    {
        if (CutFrom > 0)
        {
            entries.RemoveRange((int)CutFrom - 1, entries.Count - (int)CutFrom + 1);
        }

        entries.AddRange(Entries ?? []);
    }
}
