using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>Records on their way to the disk.</content>
public sealed partial class Replica
{
    private readonly GroupLog _log;
    private List<ReadOnlyMemory<byte>> _records = [];
    private Ballots _ballots;
    private long _nextPosition;
    private long _durable;
    private long _trimBefore;
    private bool _diskIsFull;
    private Instant _handOverAt;

    /// <summary>Everything up to this position is on disk and flushed. Followed by <see cref="Flush"/>.</summary>
    public void Durable(long position)
    {
        Invariant.Check(position < _nextPosition, "The disk cannot hold what was not written.");
        if (position <= _durable)
        {
            return;
        }

        _durable = position;
        _protocol?.Durable(position);
        FinishFounding();
        TrimWhatIsDurable();
    }

    /// <summary>
    /// The disk has no space for the next segment of the log, or has again. While it has not, a leader hands its office over:
    /// what it proposes may never become durable here.
    /// </summary>
    public void DiskSpace(bool isFull)
    {
        _diskIsFull = isFull;
        _handOverAt = _now;
    }

    /// <summary>A leader that cannot do its office hands it over, again and again until somebody takes it.</summary>
    private void TickHandOver()
    {
        bool shouldNotLead = _diskIsFull || Distrust is not null;
        if (!shouldNotLead || !Leads || _now < _handOverAt)
        {
            return;
        }

        _handOverAt = _now + _options.ElectionTimeout;
        foreach (Member member in _configuration!.Members)
        {
            if (member.Role == MemberRole.Voter && _connected.Contains(member.Id))
            {
                _protocol!.TransferTo(member.Id);
                return;
            }
        }
    }

    /// <summary>
    /// Lets go of the records below a position, once that one is durable: what it replaces must not be gone before a cut or a
    /// snapshot's installation that stands in front of it is there to be read.
    /// </summary>
    private void TrimBefore(long position)
    {
        _trimBefore = Math.Max(_trimBefore, position);
        TrimWhatIsDurable();
    }

    private void TrimWhatIsDurable()
    {
        if (_trimBefore > 0 && _trimBefore <= _durable)
        {
            _host.TrimLog(_trimBefore);
            _trimBefore = 0;
        }
    }

    private long AddRecord(byte[] record)
    {
        _records.Add(record);
        return _nextPosition++;
    }

    /// <summary>Hands everything that gathered to the disk as one batch.</summary>
    private void WriteRecords()
    {
        if (_records.Count == 0)
        {
            return;
        }

        bool isAwaited = _leader.IsNone || Leads;
        _host.Write(new LogBatch(CurrentCaption().Encode(_scratch), _records, _nextPosition - 1, isAwaited));
        _records = [];
    }

    private Caption CurrentCaption() => new(_identity, _ballots, _log.Decided, _log.Last, _log.LastBallot, _configuration);

    private void Send(NodeId to, ProtocolMessage message, long after)
    {
        _frame.Clear();
        _frame.Byte((byte)FrameKind.Protocol);
        message.WriteTo(_frame);
        if (after <= _durable || Planted(ReplicaPlants.HeldMessagesLeave))
        {
            _host.Send(to, _frame.Written);
        }
        else
        {
            _host.SendWhenDurable(to, _frame.Written, after);
        }
    }
}
