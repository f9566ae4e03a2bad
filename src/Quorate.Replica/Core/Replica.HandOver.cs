using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>A leader that cannot do its office hands it over, to one after another until somebody takes it.</content>
public sealed partial class Replica
{
    private readonly SortedSet<NodeId> _handOverTried = [];
    private bool _diskIsFull;
    private Instant _handOverAt;

    /// <summary>
    /// The disk has no space for the next segment of the log, or has again. While it has not, a leader hands its office over:
    /// what it proposes may never become durable here.
    /// </summary>
    public void DiskSpace(bool isFull)
    {
        _diskIsFull = isFull;
        _handOverAt = _now;
    }

    /// <summary>Asks the leader to hand over; ignored on others.</summary>
    public void TransferTo(NodeId target) => _protocol?.TransferTo(target);

    /// <summary>Who could take this leader's office soonest: of the connected voters the one that holds most of the log. None on others.</summary>
    public NodeId Successor() => Successor([]);

    private NodeId Successor(SortedSet<NodeId> except)
    {
        NodeId best = NodeId.None;
        ulong held = 0;
        foreach (Member member in _configuration?.Members ?? [])
        {
            bool may = Leads && member.Role == MemberRole.Voter && _connected.Contains(member.Id) && !except.Contains(member.Id);
            ulong holds = may ? _protocol!.HeldBy(member.Id) : 0;
            if (may && (best.IsNone || holds > held))
            {
                best = member.Id;
                held = holds;
            }
        }

        return best;
    }

    private void TickHandOver()
    {
        bool shouldNotLead = _diskIsFull || Distrust is not null;
        if (!shouldNotLead || !Leads || _now < _handOverAt)
        {
            return;
        }

        NodeId successor = Successor(except: _handOverTried);
        if (successor.IsNone)
        {
            _handOverTried.Clear();
            successor = Successor();
        }

        if (!successor.IsNone)
        {
            _handOverAt = _now + _options.ElectionTimeout;
            _handOverTried.Add(successor);
            _protocol!.TransferTo(successor);
        }
    }
}
