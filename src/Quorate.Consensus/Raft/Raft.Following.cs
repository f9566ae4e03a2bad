namespace Quorate.Consensus;

// Following a leader: Raft §5.3, with every known way to cut or decide too much closed (T11, T12, T13).
public sealed partial class Raft
{
    private const string HoldsDecided = "a leader's log holds all that is decided";

    /// <inheritdoc/>
    public void Promise(Ballot ballot)
    {
        if (ballot.Configuration == _configuration.Number && !Planted(RaftPlants.PullUnpromised))
        {
            LearnRound(ballot.Round);
        }
    }

    /// <inheritdoc/>
    public void Installed(ulong decided)
    {
        Invariant.Check(decided <= _log.Decided, "what was pulled is decided");

        // The position of what was put into the log is not known here, but it lies below this record's.
        Save(_ballots);
        if (_role != Role.Leader && FindPeer(_leader) is { } leader)
        {
            Acknowledge(leader, _log.Decided);
        }
    }

    private void OnAppend(Peer from, Append append)
    {
        if (!AcceptLeader(from, append.Round))
        {
            return;
        }

        int skip = 0;
        if (append.PreviousIndex < _log.Decided)
        {
            // A leader's log holds all that is decided (Raft §5.4.3), so it fits up to there, whatever the message repeats.
            if (append.LastIndex <= _log.Decided)
            {
                CheckHoldsDecided(append);
                Acknowledge(from, _log.Decided);
                return;
            }

            skip = (int)(_log.Decided - append.PreviousIndex);
            Invariant.Check(append.Entries[skip - 1].Ballot == _log.BallotAt(_log.Decided), HoldsDecided);
        }
        else if (append.PreviousIndex > _log.Last || _log.BallotAt(append.PreviousIndex) != append.PreviousBallot)
        {
            Refuse(from, append);
            return;
        }

        TakeEntries(append, skip);
        bool beyond = Planted(RaftPlants.CommitBeyondMatch);
        LearnDecided(Math.Min(append.Decided, beyond ? _log.Last : append.LastIndex));
        Acknowledge(from, append.LastIndex);
    }

    private void CheckHoldsDecided(Append append)
    {
        Ballot last = append.Entries.Length > 0 ? append.Entries[^1].Ballot : append.PreviousBallot;
        bool known = append.LastIndex + 1 >= _log.First;
        Invariant.Check(!known || last == _log.BallotAt(append.LastIndex), HoldsDecided);
    }

    private void TakeEntries(Append append, int skip)
    {
        Entry[] entries = append.Entries;
        while (skip < entries.Length && entries[skip].Index <= _log.Last
            && _log.BallotAt(entries[skip].Index) == entries[skip].Ballot)
        {
            skip++;
        }

        if (Planted(RaftPlants.ShortAppendTruncates) && append.LastIndex < _log.Last && append.LastIndex >= _log.Decided)
        {
            Written(_effects.TruncateFrom(append.LastIndex + 1));
        }

        if (skip == entries.Length)
        {
            return;
        }

        // Only here, at two different ballots in one place, is a log ever cut: a message that is short or late proves nothing.
        if (entries[skip].Index <= _log.Last)
        {
            Invariant.Check(entries[skip].Index > _log.Decided, "nothing decided is ever cut");
            Written(_effects.TruncateFrom(entries[skip].Index));
        }

        Written(_effects.Append(skip == 0 ? entries : new ArraySegment<Entry>(entries, skip, entries.Length - skip)));
        Invariant.Check(_log.Last == append.LastIndex, "the log ends where the message ends");
    }

    // The hint is the last place that may fit: this log's last entry of no newer ballot than the one that was missed.
    private void Refuse(Peer to, Append append)
    {
        ulong high = Math.Min(append.PreviousIndex, _log.Last);
        ulong hint = LastAtOrBelow(append.PreviousBallot, _log.Decided, high);
        Send(to, new AppendNack(_configuration.Number, Round, append.PreviousIndex, hint, _log.BallotAt(hint)));
    }

    // An acknowledgement quotes what is durable, so it waits for the last record that was written (T13).
    private void Acknowledge(Peer leader, ulong match) =>
        Send(
            leader,
            new AppendAck(_configuration.Number, Round, Planted(RaftPlants.AckBehindHole) ? Math.Max(match, _log.End.Index) : match),
            Planted(RaftPlants.AckBeforeFlush) ? 0 : _lastPosition);

    private void OnHeartbeat(Peer from, Heartbeat heartbeat)
    {
        if (!AcceptLeader(from, heartbeat.Round))
        {
            return;
        }

        // A follower holds what it acknowledged in this round, but for what its disk has lost since.
        Invariant.Check(heartbeat.Decided <= Math.Max(_log.Last, _log.End.Index), "a follower holds what it acknowledged");
        LearnDecided(Math.Min(heartbeat.Decided, _log.Last));
        if (heartbeat.Probe != 0)
        {
            Send(from, new HeartbeatAck(_configuration.Number, Round, heartbeat.Probe));
        }
    }

    private void OnBehind(Peer from, Behind behind)
    {
        if (!AcceptLeader(from, behind.Round))
        {
            return;
        }

        if (_log.Decided + 1 >= behind.First)
        {
            Acknowledge(from, _log.Decided);
        }
        else
        {
            _effects.Need(_log.Decided + 1, from.Id);
        }
    }

    // Whether the sender leads this node now; if its round is over, it is told so (T5).
    private bool AcceptLeader(Peer from, ulong round)
    {
        if (round < Round)
        {
            Send(from, new HigherRound(_configuration.Number, Round));
            return false;
        }

        if (round > Round || _leader != from.Id || _role == Role.Candidate)
        {
            Invariant.Check(round > Round || _role != Role.Leader, "one round has one leader");
            Invariant.Check(round > Round || _leader.IsNone || _leader == from.Id, "one round has one leader");
            Follow(round, from.Id, round > Round ? NodeId.None : _ballots.VotedFor);
        }

        _leaderDoubted = false;
        _leaderHeardAt = _now;
        RestartElectionTimer();
        return true;
    }

    private void LearnDecided(ulong index)
    {
        if (index > _log.Decided)
        {
            _effects.Decided(index);
        }
    }
}
