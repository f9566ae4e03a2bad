namespace Quorate.Consensus;

// Elections: Raft §5.2 and §5.4.1; pre-vote and check-quorum together (thesis 9.6 and 6.2; either alone is half a cure: T5).
public sealed partial class Raft
{
    // A closed connection is felt by all followers of a dead leader within moments of each other. They ask after a short
    // while drawn from [0, E/10), so that rarely two of them ask at once.
    private const int HintDivisor = 10;

    private TimeSpan _electionTimeout;
    private Instant _electionAt;
    private Instant _startingUntil;
    private Instant _leaderHeardAt;
    private bool _leaderDoubted;
    private bool _preVoting;
    private ulong _announcedRound;

    // A leader knows by check-quorum that it is alive; a follower by having heard it within E. Whoever saw the connection to
    // it close does not vouch for it any more.
    private bool LeaderIsAlive =>
        _role == Role.Leader || (!_leader.IsNone && !_leaderDoubted && _now - _leaderHeardAt < _options.ElectionTimeout);

    // Who lacks a part of the log that it answers for cannot make others' logs equal to its own.
    private bool MayLead => _votes && (_log.IsWhole || Planted(RaftPlants.LeadsWithHole));

    private void DrawElectionTimeout()
    {
        ulong ticks = (ulong)_options.ElectionTimeout.Ticks;
        _electionTimeout = TimeSpan.FromTicks((long)(ticks + _generator.Below(ticks)));
    }

    private void RestartElectionTimer() => _electionAt = _now + _electionTimeout;

    // An election sooner than the timer says: after a while drawn from [least, least + spread).
    private void ElectionWithin(long least, long spread)
    {
        Instant soon = _now + TimeSpan.FromTicks(least + (long)_generator.Below((ulong)spread));
        _electionAt = soon < _electionAt ? soon : _electionAt;
    }

    // A node that has just started waits for a leader only as long as one that lives needs to be heard of: it may be among the
    // first of its group, and a pre-vote disturbs nobody. Its peers may be starting too, so it asks again and again.
    private void AskSoonWhileStarting()
    {
        if (_now < _startingUntil)
        {
            ElectionWithin(least: _options.ElectionTimeout.Ticks / 5, _options.ElectionTimeout.Ticks / 4);
        }
    }

    private void DoubtLeader()
    {
        if (!_leaderDoubted)
        {
            _leaderDoubted = true;
            ElectionWithin(least: 0, _options.ElectionTimeout.Ticks / HintDivisor);
        }
    }

    private void ElectionTimedOut()
    {
        // A leader that is only doubted stays the one commands go to: a connection that breaks and comes back changes nothing.
        if (!_leaderDoubted || _now - _leaderHeardAt >= _options.ElectionTimeout)
        {
            SetLeader(NodeId.None);
        }

        // Drawn for each election, not once: two nodes that tie must not tie for ever (T10).
        DrawElectionTimeout();
        RestartElectionTimer();
        AskSoonWhileStarting();
        if (!MayLead)
        {
            return;
        }

        if (IsSoleVoter || Planted(RaftPlants.PrevoteIgnored))
        {
            Campaign(VoteKind.Ordinary);
        }
        else
        {
            AskForVotes(VoteKind.Pre, Round + 1, after: 0);
        }
    }

    private void Campaign(VoteKind kind)
    {
        SetLeader(NodeId.None);
        DrawElectionTimeout();
        RestartElectionTimer();
        Save(new Ballots(Round + 1, _self, _ballots.Accepted));

        // The ballots lie behind the whole log: once they are durable, so is the log end that the request quotes.
        AskForVotes(kind, Round, _ballotsPosition);
        if (Planted(RaftPlants.VoteNotDurable))
        {
            CountOwnVote();
        }
    }

    private void AskForVotes(VoteKind kind, ulong round, long after)
    {
        _role = Role.Candidate;
        _preVoting = kind == VoteKind.Pre;
        LogEnd end = _log.End;
        VoteRequest request = new(_configuration.Number, round, kind, end.Index, end.Ballot);
        foreach (Peer peer in _peers)
        {
            peer.VoteGranted = null;
            if (peer.Votes)
            {
                Send(peer, request, Planted(RaftPlants.VoteNotDurable) ? 0 : after);
            }
        }
    }

    private void OnVoteRequest(Peer from, VoteRequest request)
    {
        if (!_votes || !from.Votes)
        {
            return;
        }

        bool spared = LeaderIsAlive && request.Vote != VoteKind.Transfer && !Planted(RaftPlants.PrevoteIgnored);
        bool upToDate = IsUpToDate(request);
        if (request.Vote == VoteKind.Pre)
        {
            // The answer carries the round that was asked about, and a request below this node's round is answered too, or
            // the asker would be stuck for ever (T4).
            bool wouldGrant = request.Round > Round && upToDate && !spared;
            Send(from, new VoteReply(_configuration.Number, wouldGrant ? request.Round : Round, IsPreVote: true, wouldGrant));
        }
        else if (request.Round <= Round || !spared)
        {
            Vote(from, request, upToDate);
        }
    }

    private void Vote(Peer from, VoteRequest request, bool upToDate)
    {
        NodeId votedFor = request.Round > Round ? NodeId.None : _ballots.VotedFor;
        bool granted = request.Round >= Round && upToDate && (votedFor.IsNone || votedFor == from.Id);
        NodeId vote = granted ? from.Id : votedFor;
        if (request.Round > Round)
        {
            Follow(request.Round, NodeId.None, vote);
        }
        else if (vote != _ballots.VotedFor)
        {
            Save(_ballots with { VotedFor = vote });
        }

        if (granted)
        {
            RestartElectionTimer();
        }

        long after = granted && !Planted(RaftPlants.VoteNotDurable) ? _ballotsPosition : 0;
        Send(from, new VoteReply(_configuration.Number, Round, IsPreVote: false, granted), after);
    }

    // Raft §5.4.1, by the end that this node answers for, whole or not.
    private bool IsUpToDate(VoteRequest request)
    {
        LogEnd own = Planted(RaftPlants.VoteForgetsHole) ? new LogEnd(_log.Last, _log.BallotAt(_log.Last)) : _log.End;
        return new LogEnd(request.LastIndex, request.LastBallot).IsAtLeast(own);
    }

    private void OnVoteReply(Peer from, VoteReply reply)
    {
        if (!reply.Granted)
        {
            LearnRound(reply.Round);
        }

        // A refused pre-vote carries the voter's own round, which may be any; everything else must be about this question.
        ulong asked = _preVoting ? Round + 1 : Round;
        bool answersThis = reply.Round == asked || (_preVoting && !reply.Granted);
        if (_role == Role.Candidate && reply.IsPreVote == _preVoting && answersThis && from.Votes && from.VoteGranted != true)
        {
            from.VoteGranted = reply.Granted;
            if (!reply.Granted && !_preVoting)
            {
                // Whoever refuses after a pre-vote that was won has most likely voted for a rival of this round. If neither
                // wins soon, a whole timeout would be waited for nothing.
                long least = _options.ElectionTimeout.Ticks / HintDivisor;
                ElectionWithin(least, _options.ElectionTimeout.Ticks / 4);
            }

            DecideElection();
        }
    }

    private void CountOwnVote()
    {
        if (!_preVoting)
        {
            DecideElection();
        }
    }

    private void DecideElection()
    {
        bool ownVoteCounts = _preVoting || _durablePosition >= _ballotsPosition || Planted(RaftPlants.VoteNotDurable);
        int granted = ownVoteCounts ? 1 : 0;
        foreach (Peer peer in _peers)
        {
            granted += peer.Votes && peer.VoteGranted == true ? 1 : 0;
        }

        if (granted >= _quorum)
        {
            if (_preVoting)
            {
                Campaign(VoteKind.Ordinary);
            }
            else
            {
                Lead();
            }
        }
    }

    private void LearnRound(ulong round)
    {
        if (round > Round)
        {
            Follow(round, NodeId.None, NodeId.None);
        }
    }

    // Becomes a follower, in a round no lower than before.
    private void Follow(ulong round, NodeId leader, NodeId vote)
    {
        if (_role == Role.Leader)
        {
            StopLeading();
        }

        if (round > Round)
        {
            Save(new Ballots(round, vote, _ballots.Accepted));
        }

        _role = _votes ? Role.Follower : Role.Learner;
        DrawElectionTimeout();
        RestartElectionTimer();
        SetLeader(leader);
    }

    private void SetLeader(NodeId leader)
    {
        _leaderDoubted = false;
        if (leader != _leader || (!leader.IsNone && Round != _announcedRound))
        {
            _leader = leader;
            _announcedRound = Round;
            _effects.LeaderIs(leader, new Ballot(_configuration.Number, Round, leader));
        }
    }

    private bool Planted(RaftPlants plant) => (_options.Plants & plant) != 0;
}
