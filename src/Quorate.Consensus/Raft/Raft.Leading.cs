namespace Quorate.Consensus;

// What a leader keeps of itself: its own entries, what it may count of them, and when it has to go.
public sealed partial class Raft
{
    private readonly Queue<(long Position, ulong LastIndex)> _unflushed = new();
    private readonly Queue<(ulong LastIndex, long Bytes)> _undecided = new();
    private readonly List<Entry> _newEntries = [];
    private readonly List<ReadOnlyMemory<byte>> _refused = [];
    private readonly ulong[] _matches;
    private ulong _openingIndex;
    private ulong _selfMatch;
    private long _undecidedBytes;
    private Instant _heartbeatAt;

    /// <inheritdoc/>
    public void Propose(IReadOnlyList<ReadOnlyMemory<byte>> commands)
    {
        if (commands.Count == 0)
        {
            return;
        }

        if (_role != Role.Leader)
        {
            _effects.Refused(commands, RefusalReason.NotLeader);
            return;
        }

        if (_transferTarget is not null)
        {
            _effects.Refused(commands, RefusalReason.Transferring);
            return;
        }

        int taken = TakeUntilFull(commands);
        AppendOwn();
        if (taken < commands.Count)
        {
            _refused.Clear();
            for (int i = taken; i < commands.Count; i++)
            {
                _refused.Add(commands[i]);
            }

            _effects.Refused(_refused, RefusalReason.Overloaded);
        }
    }

    // Makes entries of as many commands as the bound on undecided bytes allows.
    private int TakeUntilFull(IReadOnlyList<ReadOnlyMemory<byte>> commands)
    {
        ulong last = _log.Last;
        Ballot ballot = OwnBallot;
        long bytes = 0;
        _newEntries.Clear();
        for (int i = 0; i < commands.Count; i++)
        {
            long weight = commands[i].Length + RaftOptions.EntryOverheadBytes;
            long before = _undecidedBytes + bytes;
            if (before > 0 && before + weight > _options.MaxUndecidedBytes)
            {
                break;
            }

            bytes += weight;
            _newEntries.Add(new Entry(++last, ballot, EntryKind.Command, commands[i]));
        }

        if (_newEntries.Count > 0)
        {
            _undecidedBytes += bytes;
            _undecided.Enqueue((last, bytes));
        }

        return _newEntries.Count;
    }

    private void AppendOwn()
    {
        if (_newEntries.Count > 0)
        {
            long position = Written(_effects.Append(_newEntries));
            _unflushed.Enqueue((position, _log.Last));
            _newEntries.Clear();
            if (Planted(RaftPlants.LeaderCountsUndurableSelf))
            {
                _selfMatch = _log.Last;
            }
        }
    }

    private void Lead()
    {
        Invariant.Check(_log.BallotAt(_log.Last).Round < Round, "no entry of a round is there before its leader");
        _role = Role.Leader;

        // The end of the log was quoted in the vote requests, and so it was durable before they left.
        _selfMatch = _log.Last;
        _openingIndex = _log.Last + 1;
        _probe = 0;
        _heartbeatAt = _now + _options.HeartbeatInterval;
        foreach (Peer peer in _peers)
        {
            peer.BeginLeadership(_log.Last, _now);
        }

        // Old entries are decided through this one only (T2, T3; thesis 6.4).
        _newEntries.Add(new Entry(_openingIndex, OwnBallot, EntryKind.NoOp, default));
        AppendOwn();
        SetLeader(_self);
    }

    private void StopLeading()
    {
        _barriers.LoseAll(_effects);
        _transferTarget = null;
        _unflushed.Clear();
        _undecided.Clear();
        _undecidedBytes = 0;
    }

    private void TickAsLeader()
    {
        if (_now < _heartbeatAt)
        {
            return;
        }

        if (!HearsQuorum())
        {
            // Check-quorum (thesis 6.2): clients must not wait on a leader that can decide nothing.
            Follow(Round, NodeId.None, _ballots.VotedFor);
            return;
        }

        _heartbeatAt = _now + _options.HeartbeatInterval;
        GiveUpLateTransfer();
        foreach (Peer peer in _peers)
        {
            Nudge(peer);
        }

        SendProbe();
    }

    private bool HearsQuorum()
    {
        int heard = 1;
        foreach (Peer peer in _peers)
        {
            heard += peer.Votes && _now - peer.HeardAt < _options.ElectionTimeout ? 1 : 0;
        }

        return heard >= _quorum;
    }

    // A leader counts itself only once its own disk has answered (T14).
    private void CountOwnEntries()
    {
        while (_unflushed.TryPeek(out (long Position, ulong LastIndex) oldest) && oldest.Position <= _durablePosition)
        {
            _unflushed.Dequeue();
            _selfMatch = Math.Max(_selfMatch, oldest.LastIndex);
        }

        DecideWhatAQuorumHolds();
    }

    private void DecideWhatAQuorumHolds()
    {
        int count = 0;
        _matches[count++] = _selfMatch;
        foreach (Peer peer in _peers)
        {
            if (peer.Votes)
            {
                _matches[count++] = peer.Match;
            }
        }

        Array.Sort(_matches);
        ulong held = _matches[count - _quorum];

        // Counting decides only entries of the own round; older ones follow with them (T2, figure 8).
        bool ownRound = held >= _openingIndex || Planted(RaftPlants.OldTermCommit);
        if (held > _log.Decided && ownRound)
        {
            Invariant.Check(held <= _log.Last, "nobody holds more of the leader's log than the leader");
            _effects.Decided(held);
        }

        MakeRoom();
    }

    // What is decided but not on this disk still fills memory: a leader whose disk is slow must not be filled by fast followers.
    private void MakeRoom()
    {
        ulong done = Math.Min(_log.Decided, _selfMatch);
        while (_undecided.TryPeek(out (ulong LastIndex, long Bytes) oldest) && oldest.LastIndex <= done)
        {
            _undecided.Dequeue();
            _undecidedBytes -= oldest.Bytes;
        }
    }
}
