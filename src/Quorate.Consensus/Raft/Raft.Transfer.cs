namespace Quorate.Consensus;

// Handing leadership over: thesis 3.10.
public sealed partial class Raft
{
    private Peer? _transferTarget;
    private Instant _transferUntil;
    private bool _timeoutNowSent;

    /// <inheritdoc/>
    public void TransferTo(NodeId node)
    {
        if (_role == Role.Leader && FindPeer(node) is { Votes: true } target)
        {
            _transferTarget = target;
            _transferUntil = _now + _options.ElectionTimeout;
            _timeoutNowSent = false;
        }
    }

    /// <inheritdoc/>
    public ulong HeldBy(NodeId node) => _role == Role.Leader && FindPeer(node) is { } peer ? peer.Match : 0;

    // Nothing is appended any more, so that the target can reach the end of the log; there, it would win.
    private void SendTimeoutNow()
    {
        if (_transferTarget is { } target && !_timeoutNowSent && target.Match == _log.Last)
        {
            _timeoutNowSent = true;
            Send(target, new TimeoutNow(_configuration.Number, Round));
        }
    }

    private void GiveUpLateTransfer()
    {
        if (_now >= _transferUntil)
        {
            _transferTarget = null;
        }
    }

    private void OnTimeoutNow(Peer from, TimeoutNow message)
    {
        if (MayLead && message.Round == Round && _leader == from.Id && _role != Role.Leader)
        {
            Campaign(VoteKind.Transfer);
        }
    }
}
