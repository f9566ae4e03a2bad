namespace Quorate.Consensus;

/// <summary>
/// Raft (Ongaro and Ousterhout 2014; Ongaro's thesis for pre-vote, transfer and reads) for one configuration, as DESIGN §3
/// draws it: appends are pipelined, the leader sends while its own disk still writes, and what a node says of its disk waits
/// for its disk.
/// </summary>
/// <remarks>
/// Split by concern: election, leading (what a leader keeps of itself), replication (what it sends to others), following,
/// barriers, transfer. Lists handed to <see cref="IEffects"/> are used again after the call.
/// </remarks>
public sealed partial class Raft : IProtocol
{
    private readonly NodeId _self;
    private readonly Configuration _configuration;
    private readonly ILog _log;
    private readonly IEffects _effects;
    private readonly SeededGenerator _generator;
    private readonly RaftOptions _options;
    private readonly Peer[] _peers;
    private readonly bool _votes;
    private readonly int _quorum;

    private Ballots _ballots;
    private long _ballotsPosition;
    private long _lastPosition;
    private long _durablePosition;
    private Role _role;
    private NodeId _leader;
    private Instant _now;
    private bool _ticked;

    /// <summary>Makes the protocol of a node that has just started; it follows until an election says otherwise.</summary>
    /// <param name="self">This node; a member of <paramref name="configuration"/> that is not a voter only follows.</param>
    /// <param name="configuration">The configuration it decides in.</param>
    /// <param name="log">The view of its log; everything in it is durable now.</param>
    /// <param name="durable">The ballots found on its disk.</param>
    /// <param name="effects">Where its answers go.</param>
    /// <param name="generator">Chance, seeded differently on every node.</param>
    /// <param name="options">The knobs.</param>
    public Raft(
        NodeId self,
        Configuration configuration,
        ILog log,
        Ballots durable,
        IEffects effects,
        SeededGenerator generator,
        RaftOptions options)
    {
        _self = self;
        _configuration = configuration;
        _log = log;
        _effects = effects;
        _generator = generator;
        _options = options;
        _votes = configuration.Find(self) is { Role: MemberRole.Voter };
        _role = _votes ? Role.Follower : Role.Learner;
        _quorum = configuration.Quorum;
        _peers = PeersOf(configuration, self);
        _matches = new ulong[configuration.VoterCount];
        _barriers = new BarrierQueue(options.MaxPendingBarriers);

        Invariant.Check(log.End.Ballot.Round <= durable.Round, "no entry is taken before its round is promised");
        _ballots = durable;
        DrawElectionTimeout();
    }

    /// <inheritdoc/>
    public ProtocolStatus Status => new(_role, _leader, new Ballot(_configuration.Number, Round, _leader), _ballots);

    /// <summary>What it knows of the other members; of use to oracles.</summary>
    internal IReadOnlyList<Peer> Peers => _peers;

    private ulong Round => _ballots.Round;

    private Ballot OwnBallot => new(_configuration.Number, Round, _self);

    private bool IsSoleVoter => _votes && _matches.Length == 1;

    /// <inheritdoc/>
    public void Tick(Instant now)
    {
        Invariant.Check(now >= _now || !_ticked, "time never runs backwards");
        _now = now;
        if (!_ticked)
        {
            _ticked = true;
            RestartElectionTimer();
            _startingUntil = now + _options.ElectionTimeout;
            AskSoonWhileStarting();
            if (IsSoleVoter)
            {
                Campaign(VoteKind.Ordinary);
            }
        }
        else if (_role == Role.Leader)
        {
            TickAsLeader();
        }
        else if (_now >= _electionAt)
        {
            ElectionTimedOut();
        }
    }

    /// <inheritdoc/>
    public void Awaits(NodeId member)
    {
        if (_role == Role.Leader && FindPeer(member) is { } peer)
        {
            peer.AwaitsDecided = _log.Last;
        }
    }

    /// <inheritdoc/>
    public void Receive(NodeId from, ProtocolMessage message)
    {
        Peer? peer = FindPeer(from);
        if (peer is null || message is not RaftMessage raft || raft.Configuration != _configuration.Number)
        {
            return;
        }

        switch (raft)
        {
            case Append append:
                OnAppend(peer, append);
                break;
            case AppendAck ack:
                OnAppendAck(peer, ack);
                break;
            case AppendNack nack:
                OnAppendNack(peer, nack);
                break;
            case Heartbeat heartbeat:
                OnHeartbeat(peer, heartbeat);
                break;
            case HeartbeatAck ack:
                OnHeartbeatAck(peer, ack);
                break;
            case VoteRequest request:
                OnVoteRequest(peer, request);
                break;
            case VoteReply reply:
                OnVoteReply(peer, reply);
                break;
            case Behind behind:
                OnBehind(peer, behind);
                break;
            case TimeoutNow timeoutNow:
                OnTimeoutNow(peer, timeoutNow);
                break;
            case HigherRound higher:
                LearnRound(higher.Round);
                break;
        }
    }

    /// <inheritdoc/>
    public void Durable(long position)
    {
        _durablePosition = Math.Max(_durablePosition, position);
        if (_role == Role.Candidate)
        {
            CountOwnVote();
        }
        else if (_role == Role.Leader)
        {
            CountOwnEntries();
        }
    }

    /// <inheritdoc/>
    public void Disconnected(NodeId node)
    {
        if (FindPeer(node) is not { } peer)
        {
            return;
        }

        if (_role == Role.Leader)
        {
            // What was on its way over that connection may be lost (T15).
            peer.ProbeFrom(peer.Match + 1);
        }
        else if (node == _leader)
        {
            DoubtLeader();
        }
    }

    private void Save(Ballots ballots)
    {
        Invariant.Check(ballots.Round >= _ballots.Round, "a round never falls");
        _ballots = ballots;
        _ballotsPosition = Written(_effects.SaveBallots(ballots));
    }

    private long Written(long position)
    {
        Invariant.Check(position > _lastPosition, "positions rise");
        _lastPosition = position;
        return position;
    }

    private void Send(Peer to, RaftMessage message, long after = 0) => _effects.Send(to.Id, message, after);

    private Peer? FindPeer(NodeId id)
    {
        foreach (Peer peer in _peers)
        {
            if (peer.Id == id)
            {
                return peer;
            }
        }

        return null;
    }

    private static Peer[] PeersOf(Configuration configuration, NodeId self)
    {
        List<Peer> peers = [];
        foreach (Member member in configuration.Members)
        {
            if (member.Id != self)
            {
                peers.Add(new Peer(member.Id, member.Role == MemberRole.Voter));
            }
        }

        return [.. peers];
    }
}
