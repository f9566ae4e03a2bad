namespace Quorate.Consensus;

/// <summary>How a leader feeds a follower (the three progress states of etcd's raft, under their tasks).</summary>
internal enum PeerState : byte
{
    /// <summary>Where its log fits is unknown: one message at a time.</summary>
    Probe = 1,

    /// <summary>Its log fits: messages follow one another without waiting for answers.</summary>
    Replicate = 2,

    /// <summary>It pulls decided entries that the leader no longer sends, and is only kept in touch.</summary>
    Pulling = 3,
}

/// <summary>What this node knows of another member.</summary>
/// <param name="id">The member.</param>
/// <param name="votes">Whether it is a voter.</param>
internal sealed class Peer(NodeId id, bool votes)
{
    private readonly Queue<(ulong LastIndex, int Bytes)> _inflight = new();

    public NodeId Id { get; } = id;

    public bool Votes { get; } = votes;

    public PeerState State { get; private set; } = PeerState.Probe;

    /// <summary>It durably holds this leader's log up to here. Rises only, and only by its acknowledgements.</summary>
    public ulong Match { get; private set; }

    /// <summary>The next entry to send it.</summary>
    public ulong Next { get; private set; } = 1;

    /// <summary>The one message allowed in this state is on its way; the next heartbeat allows another.</summary>
    public bool Paused { get; set; }

    /// <summary>When it last answered this leader.</summary>
    public Instant HeardAt { get; set; }

    /// <summary>The highest probe of this round that it answered.</summary>
    public ulong AnsweredProbe { get; set; }

    /// <summary>The highest decided index that was sent to it.</summary>
    public ulong SentDecided { get; set; }

    /// <summary>A client of it waits until this index is decided.</summary>
    public ulong AwaitsDecided { get; set; }

    /// <summary>When it was last told of nothing but the decided index.</summary>
    public Instant ToldAt { get; set; }

    /// <summary>Where <see cref="Match"/> stood a heartbeat ago: a follower that stands still may have missed something.</summary>
    public ulong MatchAtHeartbeat { get; set; }

    /// <summary>Its answer in the election that this node runs; none yet when <see langword="null"/>.</summary>
    public bool? VoteGranted { get; set; }

    public long InflightBytes { get; private set; }

    public int InflightMessages => _inflight.Count;

    /// <summary>Starts anew under a new leadership; nothing is known of its log.</summary>
    public void BeginLeadership(ulong lastIndex, Instant now)
    {
        Match = 0;
        AnsweredProbe = 0;
        SentDecided = 0;
        AwaitsDecided = 0;
        ToldAt = default;
        MatchAtHeartbeat = 0;
        HeardAt = now;
        ProbeFrom(lastIndex + 1);
    }

    /// <summary>Searches where its log fits, with the message behind <paramref name="next"/> − 1.</summary>
    public void ProbeFrom(ulong next)
    {
        State = PeerState.Probe;
        Next = Math.Max(next, Match + 1);
        Paused = false;
        ClearInflight();
    }

    /// <summary>Leaves its gap to the pull stream.</summary>
    public void Pull()
    {
        State = PeerState.Pulling;
        Paused = false;
        ClearInflight();
    }

    /// <summary>It holds the log up to <paramref name="match"/>.</summary>
    public void Acknowledge(ulong match)
    {
        Match = Math.Max(Match, match);
        while (_inflight.TryPeek(out (ulong LastIndex, int Bytes) oldest) && oldest.LastIndex <= match)
        {
            _inflight.Dequeue();
            InflightBytes -= oldest.Bytes;
        }

        if (State != PeerState.Replicate && match + 1 >= Next)
        {
            State = PeerState.Replicate;
            Paused = false;
        }

        Next = Math.Max(Next, Match + 1);
    }

    /// <summary>A message with entries up to <paramref name="lastIndex"/> is on its way.</summary>
    public void Sent(ulong lastIndex, int bytes)
    {
        if (State == PeerState.Probe)
        {
            Paused = true;
            return;
        }

        Next = lastIndex + 1;
        _inflight.Enqueue((lastIndex, bytes));
        InflightBytes += bytes;
    }

    private void ClearInflight()
    {
        _inflight.Clear();
        InflightBytes = 0;
    }
}
