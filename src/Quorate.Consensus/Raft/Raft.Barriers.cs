namespace Quorate.Consensus;

// Linearizable reads: thesis 6.4, one round of heartbeats for all who ask between two flushes.
public sealed partial class Raft
{
    private readonly BarrierQueue _barriers;

    // Counts the questions of one leadership. A round belongs to one incarnation of one node, so (round, probe) never comes
    // twice; an answer counts only for what was asked before its probe was sent (T3, etcd #20418).
    private ulong _probe;

    private bool OpeningIsDecided => _log.Decided >= _openingIndex || Planted(RaftPlants.BarrierBeforeFirstEntry);

    /// <inheritdoc/>
    public void Barrier(ulong id)
    {
        if (_role != Role.Leader || !_barriers.TryAsk(id))
        {
            _effects.BarrierLost(id);
        }
    }

    private void StartBarrierRound()
    {
        // Before its first entry is decided, a leader does not know how much its predecessors decided.
        if (_barriers.IsAsked && OpeningIsDecided)
        {
            _barriers.Start(_probe + 1, _log.Decided);
            SendProbe();
            PassBarriers();
        }
    }

    private void SendProbe()
    {
        _probe++;
        foreach (Peer peer in _peers)
        {
            ulong decided = Math.Min(_log.Decided, peer.Match);
            peer.SentDecided = Math.Max(peer.SentDecided, decided);
            Send(peer, new Heartbeat(_configuration.Number, Round, decided, _probe));
        }
    }

    private void OnHeartbeatAck(Peer from, HeartbeatAck ack)
    {
        LearnRound(ack.Round);
        if (_role != Role.Leader || ack.Round != Round)
        {
            return;
        }

        Invariant.Check(ack.Probe <= _probe, "an answer follows its question");
        from.HeardAt = _now;
        from.AnsweredProbe = Math.Max(from.AnsweredProbe, ack.Probe);
        if (from.Votes)
        {
            PassBarriers();
        }
    }

    private void PassBarriers()
    {
        while (_barriers.OldestProbe is { } probe && QuorumAnswered(probe))
        {
            _barriers.PassOldest(_effects);
        }
    }

    private bool QuorumAnswered(ulong probe)
    {
        int answered = 1;
        foreach (Peer peer in _peers)
        {
            answered += peer.Votes && peer.AnsweredProbe >= probe ? 1 : 0;
        }

        return answered >= _quorum;
    }
}
