using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>
/// A log of which a corrupt disk has lost a part is mended from the peers (DESIGN §5, docs/decisions/0006): decided entries and snapshots
/// come by the pull stream, what a leader appends by the protocol, and what nobody calls decided from any peer that proves, by an
/// entry that this node surely had, that its log has the same prefix.
/// </content>
public sealed partial class Replica
{
    private LogRepair? _repair;
    private NodeId _repairFrom;
    private Instant _repairAskedAt;
    private long _repairedAt;
    private bool _isMending;

    /// <summary>Whether all that this node answers for is on its disk.</summary>
    internal bool IsMended => _repair is null;

    private void BeginRepair(RecoveredReplica recovered)
    {
        _repair = recovered.Repair;
        _isMending = _repair is not null;
        if (_isMending)
        {
            _host.Report(new ReplicaEvent.Mending($"{recovered.Damage ?? "The disk has lost a part of the log."} The node fetches what is missing from its peers; until then it does not lead and serves no local reads."));
        }
        else if (recovered.Damage is not null)
        {
            // Nothing that was lost is missed; the sooner it is gone from the disk, the better.
            _trimBefore = _log.Last > _snapshotIndex ? _log.PositionOf(_snapshotIndex + 1) : recovered.LastPosition;
            _host.Report(new ReplicaEvent.Mended($"{recovered.Damage} Nothing of it is missed."));
        }
    }

    private void TickRepair()
    {
        if (_repair is null || _log.Claim is null || _now - _repairAskedAt < PullRetry)
        {
            return;
        }

        _repairFrom = PeerAfter(_repairFrom);
        StartPull(_repairFrom);
        AskRepair();
    }

    /// <summary>The next member in the row, one that is connected if any is.</summary>
    private NodeId PeerAfter(NodeId peer)
    {
        NodeId first = NodeId.None;
        NodeId next = NodeId.None;
        foreach (Member member in _configuration!.Members)
        {
            bool isAble = member.Id != _identity.Node && (_connected.Count == 0 || _connected.Contains(member.Id));
            first = first.IsNone && isAble ? member.Id : first;
            next = next.IsNone && isAble && member.Id.CompareTo(peer) > 0 ? member.Id : next;
        }

        return next.IsNone ? first : next;
    }

    private void AskRepair()
    {
        _repairAskedAt = _now;
        _frame.Clear();
        _frame.Byte((byte)FrameKind.RepairAsk);
        _frame.Varint(_log.Last);
        RecordCodec.WriteBallot(_frame, _log.LastBallot);
        WriteEnd(_repair!.Anchor);
        _host.Send(_repairFrom, _frame.Written);
    }

    private void WriteEnd(LogEnd end)
    {
        _frame.Varint(end.Index);
        RecordCodec.WriteBallot(_frame, end.Ballot);
    }

    private static LogEnd ReadEnd(ref ByteReader reader) => new(reader.Varint(), RecordCodec.ReadBallot(ref reader));

    /// <summary>
    /// Answers from memory with what follows an entry that both hold, as far as it is proven to lead up to the anchor. What is not in
    /// memory any more is decided, and comes by the pull stream.
    /// </summary>
    private bool ReceiveRepairAsk(NodeId from, ref ByteReader reader)
    {
        LogEnd behind = ReadEnd(ref reader);
        LogEnd anchor = ReadEnd(ref reader);
        if (!reader.IsComplete)
        {
            return false;
        }

        ulong last = LogRepair.LastProven(_log, anchor);
        if (last <= behind.Index || !_log.Holds(behind.Index, behind.Ballot))
        {
            return true;
        }

        _pulled.Clear();
        _log.Read(behind.Index + 1, PullChunkBytes, _pulled);
        _frame.Clear();
        _frame.Byte((byte)FrameKind.RepairEntries);
        WriteEnd(behind);
        WriteEnd(anchor);
        foreach (Entry entry in _pulled)
        {
            if (entry.Index > last)
            {
                break;
            }

            WritePulled(entry);
        }

        _host.Send(from, _frame.Written);
        return true;
    }

    private bool ReceiveRepairEntries(NodeId from, ref ByteReader reader)
    {
        LogEnd behind = ReadEnd(ref reader);
        LogEnd anchor = ReadEnd(ref reader);
        if (!ReadPulled(ref reader, behind.Index + 1))
        {
            return false;
        }

        bool isAsked = _repair is not null && _log.Claim is not null && anchor == _repair.Anchor;
        if (isAsked && _pulled.Count > 0 && _log.Last == behind.Index && _log.LastBallot == behind.Ballot)
        {
            _effects.Append(_pulled);
            _protocol!.Installed(_log.Decided);
            SettleRepair();
            if (_log.Claim is not null)
            {
                _repairFrom = from;
                AskRepair();
            }
        }

        return true;
    }

    /// <summary>Finds out whether the log has come to hold all that it lacked, or to be another one.</summary>
    private void SettleRepair()
    {
        if (_repair is null || _log.Claim is null || !_repair.IsSettledBy(_log, out IReadOnlyList<Entry> rest))
        {
            return;
        }

        if (rest.Count > 0)
        {
            _effects.Append(rest);
            _protocol!.Installed(_log.Decided);
        }

        _log.Claim = null;
        _repairedAt = _nextPosition - 1;
        FinishRepair();
    }

    /// <summary>Only when the mended log is durable, what it was mended from may go.</summary>
    private void FinishRepair()
    {
        if (_repair is { } repair && _log.Claim is null && _durable >= _repairedAt)
        {
            _repair = null;
            TrimBefore(repair.Position);
        }
    }

    private void ServeWhenMended()
    {
        if (_isMending && _repair is null && _machine.AppliedIndex >= _log.Decided)
        {
            _isMending = false;
            _host.Report(new ReplicaEvent.Mended($"The log is whole again up to entry {_log.Last}: what the disk had lost was fetched from the peers."));
        }
    }
}
