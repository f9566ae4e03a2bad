using Quorate.Codec;
using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica;

/// <content>
/// Snapshots: saved in the background from a version of the state, so that the log can be trimmed; sent to peers that lack
/// what was trimmed; installed when this node is the peer (DESIGN §3, rule 6; §5).
/// </content>
public sealed partial class Replica
{
    private readonly IDisk _disk;
    private readonly StateOptions _stateOptions;
    private ulong _snapshotIndex;
    private long _snapshotBytes;
    private readonly SnapshotSchedule _snapshots;
    private bool _isSaving;
    private readonly List<ulong> _tokens = [];
    private IncomingSnapshot? _incoming;

    /// <summary>Work on the disk is over. Followed by <see cref="Flush"/>.</summary>
    public void WorkDone(DiskWork work)
    {
        switch (work)
        {
            case SaveSnapshotWork save:
                SnapshotSaved(save);
                break;
            case ReadSnapshotWork read:
                SendSnapshotChunk(read);
                break;
            case StoreSnapshotWork store:
                SnapshotChunkStored(store);
                break;
            case LoadSnapshotWork load:
                SnapshotLoaded(load);
                break;
        }
    }

    private void SaveSnapshotWhenDue()
    {
        bool isDue = _snapshots.IsDue(_now, _machine.Current.LogicalBytes);
        if (!isDue || _isSaving || _incoming is not null || _machine.AppliedIndex <= _snapshotIndex)
        {
            return;
        }

        _isSaving = true;
        _snapshots.Began();
        var caption = new SnapshotCaption(_identity.ClusterId, _machine.AppliedIndex, _appliedBallot, _configuration!);
        _host.Run(new SaveSnapshotWork(_disk, caption, _machine.Current.Map));
    }

    private void SnapshotSaved(SaveSnapshotWork save)
    {
        _isSaving = false;
        if (save.Failure is not null)
        {
            _host.Report(new ReplicaEvent.SnapshotFailed(save.Failure.Message));
            return;
        }

        _snapshotIndex = Math.Max(_snapshotIndex, save.Caption.Index);
        _snapshotBytes = save.FileBytes;
        TrimLog();
    }

    /// <summary>What the snapshot stands in for need not be on disk any more.</summary>
    private void TrimLog()
    {
        ulong keepFrom = _snapshotIndex + 1;
        if (keepFrom > _log.FirstOnDisk)
        {
            TrimBefore(keepFrom <= _log.Last ? _log.PositionOf(keepFrom) : _nextPosition - 1);
            _log.ForgetDiskBefore(keepFrom);
        }
    }

    /// <summary>Offers a peer the newest snapshot in place of entries that are gone.</summary>
    private void OfferSnapshot(NodeId peer)
    {
        if (_snapshotIndex == 0)
        {
            return;
        }

        _frame.Clear();
        _frame.Byte((byte)FrameKind.SnapshotOffer);
        RecordCodec.WriteBallot(_frame, _protocol!.Status.Ballot);
        _frame.Varint(_snapshotIndex);
        _frame.Varint((ulong)_snapshotBytes);
        _host.Send(peer, _frame.Written);
    }

    private bool ReceiveSnapshotOffer(NodeId from, ref ByteReader reader)
    {
        Ballot ballot = RecordCodec.ReadBallot(ref reader);
        ulong index = reader.Varint();
        var length = (long)reader.Varint();
        if (!reader.IsComplete || length <= 0)
        {
            return false;
        }

        bool isNews = _incoming is null || (!_incoming.IsBusy && _incoming.Index != index);
        if (from == _pullFrom && index > _log.Decided && isNews)
        {
            DropIncoming();
            _incoming = new IncomingSnapshot(from, index, ballot, length);
            AskSnapshotChunk();
        }

        return true;
    }

    private void AskSnapshotChunk()
    {
        _pullAskedAt = _now;
        _frame.Clear();
        _frame.Byte((byte)FrameKind.SnapshotAsk);
        _frame.Varint(_incoming!.Index);
        _frame.Varint((ulong)_incoming.Received);
        _host.Send(_incoming.From, _frame.Written);
    }

    private bool ReceiveSnapshotAsk(NodeId from, ref ByteReader reader)
    {
        ulong index = reader.Varint();
        var offset = (long)reader.Varint();
        if (!reader.IsComplete || offset < 0)
        {
            return false;
        }

        if (index != _snapshotIndex || offset >= _snapshotBytes)
        {
            OfferSnapshot(from);
        }
        else
        {
            _host.Run(new ReadSnapshotWork(_disk, from, index, offset, PullChunkBytes));
        }

        return true;
    }

    private void SendSnapshotChunk(ReadSnapshotWork read)
    {
        if (read.Failure is not null || read.Bytes.IsEmpty)
        {
            return;
        }

        _frame.Clear();
        _frame.Byte((byte)FrameKind.SnapshotChunk);
        _frame.Varint(read.Index);
        _frame.Varint((ulong)read.Offset);
        _frame.Raw(read.Bytes.Span);
        _host.Send(read.For, _frame.Written);
    }

    private bool ReceiveSnapshotChunk(NodeId from, ref ByteReader reader)
    {
        ulong index = reader.Varint();
        var offset = (long)reader.Varint();
        ReadOnlySpan<byte> bytes = reader.Rest();
        if (reader.Failed)
        {
            return false;
        }

        bool isNext = _incoming is { IsBusy: false } incoming && from == incoming.From && index == incoming.Index && offset == incoming.Received;
        if (isNext && !bytes.IsEmpty)
        {
            _incoming!.IsBusy = true;
            _incoming.SilentAsks = 0;
            _pullAskedAt = _now;
            _host.Run(new StoreSnapshotWork(_disk, _incoming, bytes.ToArray()));
        }

        return true;
    }

    private void SnapshotChunkStored(StoreSnapshotWork store)
    {
        if (store.Incoming != _incoming)
        {
            return;
        }

        if (store.Failure is not null)
        {
            GiveUpIncoming(store.Failure);
        }
        else if (_incoming.IsComplete)
        {
            _host.Run(new LoadSnapshotWork(_disk, _incoming, _stateOptions));
        }
        else
        {
            _incoming.IsBusy = false;
            AskSnapshotChunk();
        }
    }

    private void SnapshotLoaded(LoadSnapshotWork load)
    {
        if (load.Incoming != _incoming)
        {
            return;
        }

        if (load.Failure is not null)
        {
            GiveUpIncoming(load.Failure);
            return;
        }

        _incoming = null;
        if (load.Caption!.Index > _log.Decided)
        {
            Install(load.Caption, load.Machine!, load.Incoming.Ballot);
            _snapshotBytes = load.Incoming.Length;
        }
        else if (load.Caption.Index > _snapshotIndex)
        {
            // Entries overtook it, but it is the snapshot on the disk now, and those before it are deleted.
            _snapshotIndex = load.Caption.Index;
            _snapshotBytes = load.Incoming.Length;
            TrimLog();
        }

        // Repeated answers to an earlier question may have ended the pull meanwhile.
        if (!_pullFrom.IsNone)
        {
            AskPull();
        }
    }

    /// <summary>
    /// The snapshot becomes the state. Nothing is waited for any more that it jumped over: what became of those commands
    /// cannot be known here.
    /// </summary>
    private void Install(SnapshotCaption caption, StateMachine machine, Ballot ballot)
    {
        _machine = machine;
        _machine.Observer = Watches;
        _appliedBallot = caption.Ballot;
        _protocol!.Promise(ballot);
        bool keeps = _log.Rebase(caption.Index, caption.Ballot);
        long position = AddRecord(RecordCodec.EncodeRebase(caption.Index, caption.Ballot, keeps, _scratch));
        _snapshotIndex = caption.Index;
        TrimBefore(keeps && caption.Index < _log.Last ? _log.PositionOf(caption.Index + 1) : position);
        _log.ForgetDiskBefore(caption.Index + 1);

        _tokens.Clear();
        _pending.TakeSent(_tokens);
        foreach (ulong token in _tokens)
        {
            _host.Refuse(token, RequestError.JumpedOver, mayApply: true);
        }

        _host.Published(_machine.Current);
        Watches.OnReset(_machine.Current);
        _protocol.Installed(caption.Index);
        _host.Report(new ReplicaEvent.SnapshotInstalled(caption.Index));
    }

    /// <summary>Waits no more for a snapshot of which no piece is being stored; what has come of it is deleted.</summary>
    private void DropIncoming()
    {
        if (_incoming is { } incoming)
        {
            _incoming = null;
            _host.Run(new DropSnapshotWork(incoming));
        }
    }

    private void GiveUpIncoming(Exception failure)
    {
        _incoming = null;
        _host.Report(new ReplicaEvent.SnapshotFailed(failure.Message));
    }
}
