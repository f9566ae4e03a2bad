using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>Records on their way to the disk.</content>
public sealed partial class Replica
{
    private readonly GroupLog _log;
    private readonly RecordMemory _recordMemory;
    private List<ReadOnlyMemory<byte>> _records = [];
    private Ballots _ballots;
    private long _nextPosition;
    private long _durable;
    private long _trimBefore;

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
        FinishRepair();
        TrimWhatIsDurable();
    }

    /// <summary>
    /// Lets go of the records below a position, once that one is durable: what it replaces must not be gone before a cut or a
    /// snapshot's installation that stands in front of it is there to be read. A log that has a hole keeps all it has until it is mended.
    /// </summary>
    private void TrimBefore(long position)
    {
        _trimBefore = Math.Max(_trimBefore, position);
        TrimWhatIsDurable();
    }

    private void TrimWhatIsDurable()
    {
        if (_trimBefore > 0 && _trimBefore <= _durable && (_repair is null || Planted(ReplicaPlants.TrimsBeforeMended)))
        {
            _host.TrimLog(_trimBefore);
            _trimBefore = 0;
        }
    }

    private long AddRecord(ReadOnlyMemory<byte> record)
    {
        _records.Add(record);
        return _nextPosition++;
    }

    /// <summary>
    /// Lets go of the oldest entries in memory, and of the records that neither the log looks at any more nor the disk: a
    /// follower may have applied what its own disk has still to write.
    /// </summary>
    private void ShrinkLog()
    {
        _log.Shrink(_options.MaxLogBytesInMemory, keepAfter: _machine.AppliedIndex);
        long unused = _log.FirstPosition - 1;
        _recordMemory.Release(Planted(ReplicaPlants.ReusesUnwritten) ? unused : Math.Min(unused, _durable));
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

    private Caption CurrentCaption() => new(_identity, _ballots, _log.Decided, _log.End.Index, _log.End.Ballot, _configuration);

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
