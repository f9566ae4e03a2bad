using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <content>
/// Commands on their way to the log. Any node takes them; whoever does not lead forwards them, naming the leader's ballot,
/// and answers its own client when it has applied them itself (DESIGN §3, Requests).
/// </content>
public sealed partial class Replica
{
    private readonly SortedSet<NodeId> _connected = [];
    private readonly PendingRequests _pending;
    private readonly ByteWriter _batch = new();
    private readonly List<RequestId> _batchIds = [];
    private readonly Gathering _gathering;
    private bool _batchOpen;
    private readonly SortedDictionary<NodeId, (uint Boot, DuplicateWindow Window)> _taken = [];
    private NodeId _leader;
    private Ballot _leaderBallot;
    private Instant _sendAgainAt;
    private ulong _sendAgainEnd;

    private bool Leads => _leader == _identity.Node;

    /// <summary>Takes a command of a client; answered under this token by the host. Followed by <see cref="Flush"/>.</summary>
    public void Propose(ulong token, ReadOnlyMemory<byte> command)
    {
        if (Distrust is not null)
        {
            _host.Refuse(token, RequestError.Corrupt, mayApply: false);
        }
        else if (command.Length > _options.MaxCommandBytes)
        {
            _host.Refuse(token, RequestError.TooLarge, mayApply: false);
        }
        else if (!_pending.TryAdd(token, command, _now + _options.RequestTimeout, out _))
        {
            _host.Refuse(token, RequestError.TooManyRequests, mayApply: false);
        }
    }

    private void OnLeader(NodeId leader, Ballot ballot)
    {
        bool begins = leader == _identity.Node && _leaderBallot != ballot;
        _leader = leader;
        _leaderBallot = ballot;
        DropBatch();
        LoseBarriers();
        if (Planted(ReplicaPlants.ForwardTwice))
        {
            _pending.RequeueBefore(ballot);
        }

        if (begins)
        {
            _taken.Clear();
            _handOverTried.Clear();
            BeginLeaseTime();
        }

        _host.LeaderIs(leader, ballot);
    }

    /// <summary>Sends every command that waits: into the log when this node leads, to the leader when it can be reached.</summary>
    private void SendCommands()
    {
        if (Leads)
        {
            ProposeWaiting();
            if (!_gathering.Waits(_batchIds.Count, _log.Decided, _now))
            {
                ProposeLeaseWork();
                AskForHashes();
                CloseBatch();
            }
        }
        else if (!_leader.IsNone && _connected.Contains(_leader))
        {
            ForwardWaiting();
        }
    }

    private void ProposeWaiting()
    {
        while (Leads && _pending.TryPeekUnsent(_leaderBallot, out ulong counter, out ReadOnlyMemory<byte> command))
        {
            _pending.MarkSent(counter, _leaderBallot);
            AddToBatch(new RequestId(_identity.Node, _identity.Boot, counter), command.Span);
            if (_refused is not null)
            {
                return;
            }
        }
    }

    private void AddToBatch(RequestId id, ReadOnlySpan<byte> command)
    {
        _batchOpen = true;
        EntryPayload.Add(_batch, id, command);
        _batchIds.Add(id);
        if (_batch.Length >= _options.MaxBatchBytes)
        {
            CloseBatch();
        }
    }

    /// <summary>Proposes the batch as one entry, also an empty one that somebody asked for.</summary>
    private void CloseBatch()
    {
        _refused = null;
        if (!_batchOpen)
        {
            return;
        }

        _protocol!.Propose([EntryPayload.Stamp(_leaseClock.NowMs, _batch.Written)]);
        if (_refused is { } reason)
        {
            RefuseBatch(_leaderBallot, reason);
        }
        else
        {
            _stampedAt = _now;
            _gathering.Proposed(_log.Last, _batchIds.Count, _now);
            foreach (RequestId id in _batchIds)
            {
                if (id.Node != _identity.Node)
                {
                    _protocol.Awaits(id.Node);
                }
            }
        }

        DropBatch();
    }

    private void DropBatch()
    {
        _batch.Clear();
        _batchIds.Clear();
        _batchOpen = false;
    }

    /// <summary>
    /// The protocol did not take the batch. Our own commands wait for better times or are refused; a forwarded one may come
    /// again, unless it is refused for good: then it stays taken, so that a repeated message cannot bring it back after its
    /// client was told.
    /// </summary>
    private void RefuseBatch(Ballot ballot, RefusalReason reason)
    {
        _expiringUpTo = Math.Min(_expiringUpTo, _log.Last);
        foreach (RequestId id in _batchIds)
        {
            bool own = id.Node == _identity.Node;
            if (own && reason == RefusalReason.Overloaded)
            {
                FinishWith(id.Counter, RequestError.TooManyRequests, mayApply: false);
            }
            else if (own)
            {
                _pending.MarkUnsent(id.Counter, ballot);
            }
            else if (id != RequestId.None && reason == RefusalReason.Overloaded)
            {
                RefuseForward(id, ballot);
            }
            else if (_taken.TryGetValue(id.Node, out (uint Boot, DuplicateWindow Window) known) && known.Boot == id.Boot)
            {
                known.Window.Release(id.Counter);
            }
        }
    }

    /// <summary>
    /// Sends what a leader owes an answer for once more, under the same ballot (decision 0003): what was under way when this
    /// was last looked at, or all of it when a new connection to the leader has opened.
    /// </summary>
    private void ForwardAgain(bool all)
    {
        if (!Leads && !_leader.IsNone)
        {
            _pending.SendAgain(_leaderBallot, all ? _pending.Next : _sendAgainEnd);
            _sendAgainEnd = _pending.Next;
            _sendAgainAt = _now + _options.ForwardRetry;
        }
    }

    private void ForwardWaiting()
    {
        while (_pending.HasUnsent)
        {
            _frame.Clear();
            _frame.Byte((byte)FrameKind.Forward);
            RecordCodec.WriteBallot(_frame, _leaderBallot);
            _frame.Varint(_identity.Boot);
            bool any = false;
            while (_frame.Length < _options.MaxBatchBytes && _pending.TryPeekUnsent(_leaderBallot, out ulong counter, out ReadOnlyMemory<byte> command))
            {
                _frame.Varint(counter);
                _frame.Bytes(command.Span);
                _pending.MarkSent(counter, _leaderBallot);
                any = true;
            }

            if (any)
            {
                _host.Send(_leader, _frame.Written);
            }
        }
    }

    /// <summary>
    /// Takes forwarded commands under the ballot they name, each once. Under any other they are dropped without a word: this
    /// node may have proposed them when it led that ballot, and their sender sends them again under a later ballot as soon as
    /// an entry of it is applied.
    /// </summary>
    private bool ReceiveForward(NodeId from, ref ByteReader reader)
    {
        Ballot ballot = RecordCodec.ReadBallot(ref reader);
        uint boot = reader.Varint32();
        bool takes = Leads && ballot == _leaderBallot;
        while (!reader.AtEnd && !reader.Failed)
        {
            ulong counter = reader.Varint();
            ReadOnlySpan<byte> command = reader.Bytes();
            var id = new RequestId(from, boot, counter);
            if (!reader.Failed && takes && TryTake(id))
            {
                AddToBatch(id, command);
            }
        }

        return !reader.Failed;
    }

    /// <summary>Whether a forwarded command is seen for the first time under this ballot, from the latest incarnation of its node.</summary>
    private bool TryTake(RequestId id)
    {
        if (!_taken.TryGetValue(id.Node, out (uint Boot, DuplicateWindow Window) known) || known.Boot < id.Boot)
        {
            known = (id.Boot, new DuplicateWindow());
            _taken[id.Node] = known;
        }

        bool isNew = known.Window.TryTake(id.Counter) || Planted(ReplicaPlants.ForwardTakenTwice);
        return known.Boot == id.Boot && isNew;
    }

    private void RefuseForward(RequestId id, Ballot ballot)
    {
        _frame.Clear();
        _frame.Byte((byte)FrameKind.ForwardRefused);
        RecordCodec.WriteBallot(_frame, ballot);
        _frame.Varint(id.Boot);
        _frame.Varint(id.Counter);
        _host.Send(id.Node, _frame.Written);
    }

    /// <summary>A refusal counts for the ballot it names: by now the command may be on its way under a later one.</summary>
    private bool ReceiveForwardRefused(ref ByteReader reader)
    {
        Ballot ballot = RecordCodec.ReadBallot(ref reader);
        uint boot = reader.Varint32();
        ulong counter = reader.Varint();
        if (reader.IsComplete && boot == _identity.Boot && _pending.IsOutUnder(counter, ballot))
        {
            FinishWith(counter, RequestError.TooManyRequests, mayApply: false);
        }

        return reader.IsComplete;
    }

    private void RefuseOverdue()
    {
        while (_pending.TryTakeOverdue(_now, out ulong token, out bool mayApply))
        {
            mayApply &= !Planted(ReplicaPlants.UnknownCalledFailed);
            _host.Refuse(token, _leader.IsNone && !mayApply ? RequestError.NoLeader : RequestError.Timeout, mayApply);
        }
    }

    private void FinishWith(ulong counter, RequestError error, bool mayApply)
    {
        if (_pending.TryFinish(counter, out ulong token))
        {
            _host.Refuse(token, error, mayApply);
        }
    }
}
