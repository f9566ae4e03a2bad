using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>
/// Decided data is pulled, by this one component for every protocol (DESIGN §3, rule 6). The receiver asks from the end of
/// what it knows decided; the sender answers with what it knows decided and the ballot that decided it.
/// </content>
public sealed partial class Replica
{
    private const int PullChunkBytes = 1 << 20;
    private const int MaxSilentAsks = 4;
    private static readonly TimeSpan PullRetry = TimeSpan.FromMilliseconds(500);

    private readonly List<Entry> _pulled = [];
    private NodeId _pullFrom;
    private Instant _pullAskedAt;

    private void StartPull(NodeId from)
    {
        if (_pullFrom.IsNone)
        {
            _pullFrom = from;
            AskPull();
        }
    }

    private void AskPull()
    {
        _pullAskedAt = _now;
        _frame.Clear();
        _frame.Byte((byte)FrameKind.PullRequest);
        _frame.Varint(_log.Decided + 1);
        _host.Send(_pullFrom, _frame.Written);
    }

    private void TickPull()
    {
        if (_pullFrom.IsNone || _now - _pullAskedAt < PullRetry || _incoming is { IsBusy: true })
        {
            return;
        }

        // A peer that can no longer be heard may look connected for long; then another one has to help.
        if (_incoming is { SilentAsks: < MaxSilentAsks } incoming && _connected.Contains(incoming.From))
        {
            incoming.SilentAsks++;
            AskSnapshotChunk();
        }
        else
        {
            DropIncoming();
            if (!_leader.IsNone && !Leads)
            {
                _pullFrom = _leader;
            }
            else if (!_log.IsWhole)
            {
                _pullFrom = PeerAfter(_pullFrom);
            }

            AskPull();
        }
    }

    /// <summary>
    /// Answers from memory, from the log of records, or with the snapshot that stands in for what neither holds any more.
    /// Only what is known decided is told.
    /// </summary>
    private bool ReceivePullRequest(NodeId from, ref ByteReader reader)
    {
        ulong first = reader.Varint();
        if (!reader.IsComplete)
        {
            return false;
        }

        if (first > _log.Decided + 1)
        {
            return true;
        }

        if (first >= _log.First)
        {
            _pulled.Clear();
            if (first <= _log.Decided)
            {
                _log.Read(first, PullChunkBytes, _pulled);
            }

            SendPulled(from, first);
        }
        else if (first >= _log.FirstOnDisk)
        {
            _host.ReadLog(new LogRead(from, first, _log.PositionOf(first), PullChunkBytes));
        }
        else
        {
            OfferSnapshot(from);
        }

        return true;
    }

    /// <summary>The log thread has read records back for a peer. Followed by <see cref="Flush"/>.</summary>
    public void LogWasRead(LogRead read, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        _pulled.Clear();
        ulong index = read.FirstIndex;
        long position = read.Position;
        foreach (ReadOnlyMemory<byte> record in records)
        {
            // Entries that were cut later stand in the log too; the position tells which one counts.
            long at = position++;
            bool isNext = index >= _log.FirstOnDisk && index <= _log.Decided && _log.PositionOf(index) == at;
            if (isNext && RecordCodec.TryDecode(record.Span, out DecodedRecord decoded) && decoded.Entry is { } entry)
            {
                _pulled.Add(entry);
                index++;
            }
        }

        if (_pulled.Count > 0)
        {
            SendPulled(read.For, read.FirstIndex);
        }
    }

    private void SendPulled(NodeId to, ulong first)
    {
        _frame.Clear();
        _frame.Byte((byte)FrameKind.PullEntries);
        RecordCodec.WriteBallot(_frame, _protocol!.Status.Ballot);
        _frame.Varint(first);
        foreach (Entry entry in _pulled)
        {
            if (entry.Index > _log.Decided)
            {
                break;
            }

            WritePulled(entry);
        }

        _host.Send(to, _frame.Written);
    }

    private void WritePulled(Entry entry)
    {
        RecordCodec.WriteBallot(_frame, entry.Ballot);
        _frame.Byte((byte)entry.Kind);
        _frame.Bytes(entry.Payload.Span);
    }

    /// <summary>Reads entries up to the end of a frame; false if they are none.</summary>
    private bool ReadPulled(ref ByteReader reader, ulong index)
    {
        _pulled.Clear();
        while (!reader.AtEnd && !reader.Failed)
        {
            Ballot ballot = RecordCodec.ReadBallot(ref reader);
            EntryKind kind = RecordCodec.ReadEntryKind(ref reader);
            _pulled.Add(new Entry(index++, ballot, kind, reader.Bytes().ToArray()));
        }

        return !reader.Failed;
    }

    private bool ReceivePullEntries(NodeId from, ref ByteReader reader)
    {
        Ballot ballot = RecordCodec.ReadBallot(ref reader);
        if (!ReadPulled(ref reader, reader.Varint()))
        {
            return false;
        }

        if (from != _pullFrom)
        {
            return true;
        }

        if (_pulled.Count == 0)
        {
            _pullFrom = NodeId.None;
            return true;
        }

        // A gap is refused wherever it turns up; what is already decided here is passed over.
        if (_pulled[0].Index <= _log.Decided + 1 && _pulled[^1].Index > _log.Decided)
        {
            TakePulled(ballot);
            AskPull();
        }

        return true;
    }

    /// <summary>Takes decided entries in. Our own entry stays where (index, ballot) agree; the first that differs is cut, with all behind it.</summary>
    private void TakePulled(Ballot ballot)
    {
        _protocol!.Promise(ballot);
        foreach (Entry entry in _pulled)
        {
            if (entry.Index <= _log.Decided || _log.Holds(entry.Index, entry.Ballot))
            {
                continue;
            }

            if (entry.Index <= _log.Last)
            {
                _effects.TruncateFrom(entry.Index);
            }

            _effects.Append([entry]);
        }

        ulong upTo = _pulled[^1].Index;
        _log.DecideTo(upTo);
        _protocol.Installed(upTo);
    }
}
