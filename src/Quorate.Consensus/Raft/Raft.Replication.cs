namespace Quorate.Consensus;

// What a leader sends: entries, the decided index, and to whom it is too late to send entries.
public sealed partial class Raft
{
    // While it is unknown where a follower's log fits, most of what is sent is sent in vain.
    private const int ProbeBytes = 16 << 10;

    private readonly List<Entry> _readEntries = [];
    private Append? _lastAppend;
    private int _lastAppendBytes;
    private int _lastAppendLimit;

    /// <inheritdoc/>
    public void Flush()
    {
        if (_role != Role.Leader)
        {
            return;
        }

        StartBarrierRound();
        foreach (Peer peer in _peers)
        {
            Feed(peer);
        }

        _lastAppend = null;
        SendTimeoutNow();
    }

    private void Feed(Peer peer)
    {
        if (peer.State != PeerState.Pulling && peer.Next < _log.First)
        {
            peer.Pull();
        }

        switch (peer.State)
        {
            case PeerState.Pulling when !peer.Paused:
                peer.Paused = true;
                Send(peer, new Behind(_configuration.Number, Round, _log.Decided, _log.First));
                break;
            case PeerState.Probe when !peer.Paused:
                SendAppend(peer, Math.Min(ProbeBytes, _options.MaxMessageBytes));
                break;
            case PeerState.Replicate:
                while (peer.Next <= _log.Last && HasRoom(peer))
                {
                    SendAppend(peer, _options.MaxMessageBytes);
                }

                TellDecided(peer);
                break;
        }
    }

    private bool HasRoom(Peer peer) =>
        peer.InflightMessages < _options.MaxInflightMessages && peer.InflightBytes < _options.MaxInflightBytes;

    private void SendAppend(Peer peer, int maxBytes)
    {
        // Followers that stand at the same place get the same message, so that it is read and encoded once.
        if (_lastAppend is null || _lastAppend.PreviousIndex != peer.Next - 1 || _lastAppendLimit != maxBytes)
        {
            _lastAppend = ReadAppend(peer.Next, maxBytes);
            _lastAppendLimit = maxBytes;
        }

        Append append = _lastAppend;
        peer.SentDecided = Math.Max(peer.SentDecided, Math.Min(append.Decided, append.LastIndex));
        peer.Sent(append.LastIndex, _lastAppendBytes);
        Send(peer, append);
    }

    private Append ReadAppend(ulong from, int maxBytes)
    {
        _readEntries.Clear();
        _lastAppendBytes = 0;
        if (from <= _log.Last)
        {
            _log.Read(from, maxBytes, _readEntries);
            foreach (Entry entry in _readEntries)
            {
                _lastAppendBytes += entry.Payload.Length;
            }
        }

        return new Append(_configuration.Number, Round, from - 1, _log.BallotAt(from - 1), _log.Decided, [.. _readEntries]);
    }

    // When no entries carry the decided index, it goes alone, so that clients and watchers of followers do not wait for a
    // heartbeat. In a stream of writes the next entries carry it in a moment, so only a client's wait makes it go alone again.
    private void TellDecided(Peer peer)
    {
        ulong decided = Math.Min(_log.Decided, peer.Match);
        bool isAwaited = peer.SentDecided < peer.AwaitsDecided;
        if (peer.SentDecided < decided && (isAwaited || _now - peer.ToldAt >= _options.TellInterval))
        {
            peer.SentDecided = decided;
            peer.ToldAt = _now;
            Send(peer, new Heartbeat(_configuration.Number, Round, decided, Probe: 0));
        }
    }

    // Once a heartbeat: a lost message must not stop a follower for longer than that.
    private void Nudge(Peer peer)
    {
        peer.Paused = false;
        bool stands = peer.State == PeerState.Replicate && peer.Match + 1 < peer.Next && peer.Match == peer.MatchAtHeartbeat;
        if (stands && peer.Next >= _log.First)
        {
            // What was sent last is either on its way, and this is answered after it, or lost, and this is refused.
            Ballot ballot = _log.BallotAt(peer.Next - 1);
            Send(peer, new Append(_configuration.Number, Round, peer.Next - 1, ballot, _log.Decided, []));
        }

        peer.MatchAtHeartbeat = peer.Match;
    }

    private void OnAppendAck(Peer from, AppendAck ack)
    {
        LearnRound(ack.Round);
        if (_role != Role.Leader || ack.Round != Round)
        {
            return;
        }

        Invariant.Check(ack.Match <= _log.Last, "a follower holds no more of the leader's log than the leader");
        from.HeardAt = _now;
        ulong before = from.Match;
        from.Acknowledge(ack.Match);
        if (from.Votes && from.Match > before)
        {
            DecideWhatAQuorumHolds();
        }
    }

    private void OnAppendNack(Peer from, AppendNack nack)
    {
        LearnRound(nack.Round);
        if (_role != Role.Leader || nack.Round != Round)
        {
            return;
        }

        from.HeardAt = _now;
        bool current = from.State switch
        {
            PeerState.Probe => nack.Rejected == from.Next - 1,
            PeerState.Replicate => true,
            _ => false,
        };

        // Whoever refuses what it acknowledged has lost it since and fetches it otherwise; it is asked again with the next heartbeat.
        if (current && nack.Rejected > from.Match)
        {
            // A hint says where to try, never what is held (T13).
            from.ProbeFrom(Math.Min(NextToTry(nack), nack.Rejected));
        }
    }

    // The last place at which the leader's log may equal the follower's: both skip a whole ballot per round trip (Raft §5.3).
    private ulong NextToTry(AppendNack nack) =>
        nack.HintIndex < _log.First || nack.HintIndex > _log.Last
            ? nack.HintIndex + 1
            : LastAtOrBelow(nack.HintBallot, _log.First - 1, nack.HintIndex) + 1;

    // The last index in [low, high] whose ballot is at most this one; low if there is none. Ballots never fall along a log.
    private ulong LastAtOrBelow(Ballot ballot, ulong low, ulong high)
    {
        while (low < high)
        {
            ulong middle = high - ((high - low) / 2);
            if (_log.BallotAt(middle) <= ballot)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
