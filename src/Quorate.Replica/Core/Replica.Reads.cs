using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>
/// Linearizable reads. One barrier serves everybody who waits when it is asked for; a second one may be under way meanwhile.
/// An id is never used twice: a late answer to an old barrier proves nothing about a new read (etcd issue 20418).
/// </content>
public sealed partial class Replica
{
    private const int MaxBarriersUnderWay = 2;

    private readonly RingList<WaitingRead> _reads = new();
    private readonly List<ReadBatch> _barriers = [];
    private readonly SortedDictionary<ulong, (NodeId From, uint Boot, ulong Id)> _asked = [];
    private ulong _barrierCounter;
    private int _readCount;
    private bool _barriersPaused;

    /// <summary>Asks for a linearizable read; answered under this token by the host. Followed by <see cref="Flush"/>.</summary>
    public void Read(ulong token)
    {
        if (Distrust is not null)
        {
            _host.Refuse(token, RequestError.Corrupt, mayApply: false);
            return;
        }

        if (_readCount >= _options.MaxPendingReads)
        {
            _host.Refuse(token, RequestError.TooManyRequests, mayApply: false);
            return;
        }

        if (Planted(ReplicaPlants.ReadWithoutBarrier))
        {
            _host.ReadReady(token, _machine.Current);
            return;
        }

        _readCount++;
        _reads.Add(new WaitingRead(token, _now + _options.RequestTimeout));
    }

    /// <summary>Asks for a barrier for everybody who waits for one, if the leader can be asked.</summary>
    private void AskBarriers()
    {
        if (_reads.Count == 0 || _leader.IsNone || _barriersPaused || UnansweredBarriers() >= MaxBarriersUnderWay)
        {
            return;
        }

        if (!Leads && !_connected.Contains(_leader))
        {
            return;
        }

        var waiting = new WaitingRead[_reads.Count];
        for (int i = 0; i < waiting.Length; i++)
        {
            waiting[i] = _reads[i];
        }

        _reads.Clear();
        ulong id = ++_barrierCounter;
        _barriers.Add(new ReadBatch(id, waiting, _now));
        if (Leads)
        {
            _protocol!.Barrier(id);
            return;
        }

        _frame.Clear();
        _frame.Byte((byte)FrameKind.BarrierAsk);
        _frame.Varint(_identity.Boot);
        _frame.Varint(id);
        _host.Send(_leader, _frame.Written);
    }

    private int UnansweredBarriers()
    {
        int count = 0;
        foreach (ReadBatch batch in _barriers)
        {
            count += batch.Index is null ? 1 : 0;
        }

        return count;
    }

    private bool ReceiveBarrierAsk(NodeId from, ref ByteReader reader)
    {
        uint boot = reader.Varint32();
        ulong id = reader.Varint();
        if (!reader.IsComplete)
        {
            return false;
        }

        if (!Leads)
        {
            AnswerBarrier(from, boot, id, null);
            return true;
        }

        ulong local = ++_barrierCounter;
        _asked.Add(local, (from, boot, id));
        _protocol!.Barrier(local);
        return true;
    }

    private void AnswerBarrier(NodeId to, uint boot, ulong id, ulong? index)
    {
        _frame.Clear();
        _frame.Byte((byte)FrameKind.BarrierAnswer);
        _frame.Varint(boot);
        _frame.Varint(id);
        _frame.Byte(index is null ? (byte)0 : (byte)1);
        _frame.Varint(index ?? 0);
        _host.Send(to, _frame.Written);
    }

    private bool ReceiveBarrierAnswer(ref ByteReader reader)
    {
        uint boot = reader.Varint32();
        ulong id = reader.Varint();
        bool passed = reader.Byte() == 1;
        ulong index = reader.Varint();
        if (reader.IsComplete && boot == _identity.Boot)
        {
            FinishBarrier(id, passed ? index : null);
        }

        return reader.IsComplete;
    }

    /// <summary>The protocol's word on a barrier that was asked for here, for ourselves or for a peer.</summary>
    private void BarrierAnswered(ulong id, ulong? index)
    {
        if (_asked.Remove(id, out (NodeId From, uint Boot, ulong Id) asked))
        {
            AnswerBarrier(asked.From, asked.Boot, asked.Id, index);
        }
        else
        {
            FinishBarrier(id, index);
        }
    }

    private void FinishBarrier(ulong id, ulong? index)
    {
        int at = _barriers.FindIndex(batch => batch.Id == id && batch.Index is null);
        if (at < 0)
        {
            return;
        }

        if (index is null)
        {
            // Whoever was asked does not lead; asking again at once would only be the same question.
            _barriersPaused = true;
            LoseBarriers();
        }
        else
        {
            _barriers[at] = _barriers[at] with { Index = index };
        }
    }

    /// <summary>Barriers without an answer are lost; answered ones still hold. Who waited longest is the first to wait again.</summary>
    private void LoseBarriers()
    {
        for (int at = _barriers.Count - 1; at >= 0; at--)
        {
            if (_barriers[at].Index is null)
            {
                _reads.AddFirst(_barriers[at].Reads);
                _barriers.RemoveAt(at);
            }
        }
    }

    private void TickReads()
    {
        _barriersPaused = false;
        if (_barriers.Exists(batch => batch.Index is null && _now - batch.AskedAt >= _options.BarrierRetry))
        {
            LoseBarriers();
        }

        // All wait equally long, so the oldest are the first whose time is over.
        while (_reads.Count > 0 && RefuseOverdue(_reads[0]))
        {
            _reads.RemoveFirst(1);
        }

        // An answered barrier is no answer yet: this node may be cut off from the entries that it has to apply first.
        for (int at = 0; at < _barriers.Count; at++)
        {
            ArraySegment<WaitingRead> reads = _barriers[at].Reads;
            while (reads.Count > 0 && RefuseOverdue(reads[0]))
            {
                reads = reads[1..];
            }

            _barriers[at] = _barriers[at] with { Reads = reads };
        }

        _barriers.RemoveAll(batch => batch.Reads.Count == 0);
    }

    private bool RefuseOverdue(WaitingRead read)
    {
        if (read.Deadline > _now)
        {
            return false;
        }

        _readCount--;
        _host.Refuse(read.Token, _leader.IsNone ? RequestError.NoLeader : RequestError.Timeout, mayApply: false);
        return true;
    }

    private void ServeReads()
    {
        for (int at = 0; at < _barriers.Count; at++)
        {
            ReadBatch batch = _barriers[at];
            if (batch.Index is { } index && index <= _machine.AppliedIndex)
            {
                _readCount -= batch.Reads.Count;
                foreach (WaitingRead read in batch.Reads)
                {
                    _host.ReadReady(read.Token, _machine.Current);
                }

                _barriers.RemoveAt(at--);
            }
        }
    }

    private readonly record struct WaitingRead(ulong Token, Instant Deadline);

    private readonly record struct ReadBatch(ulong Id, ArraySegment<WaitingRead> Reads, Instant AskedAt, ulong? Index = null);
}
