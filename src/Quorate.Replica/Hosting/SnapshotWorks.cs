using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>Saves a version of the state and deletes what it replaces.</summary>
internal sealed class SaveSnapshotWork(IDisk disk, SnapshotCaption caption, IMapVersion version) : DiskWork
{
    private const int StepBytes = 1 << 20;
    private SnapshotWriter? _writer;

    public SnapshotCaption Caption { get; } = caption;

    public long FileBytes { get; private set; }

    public override bool Step()
    {
        _writer ??= new SnapshotWriter(disk, Caption.Index, Caption.Encode(), version);
        if (_writer.Step(StepBytes))
        {
            return true;
        }

        FileBytes = _writer.BytesWritten;
        _writer.Dispose();
        SnapshotFiles.DeleteBefore(disk, Caption.Index);
        return false;
    }

    public override void Abandon() => _writer?.Dispose();
}

/// <summary>Reads a piece of a snapshot for a peer.</summary>
internal sealed class ReadSnapshotWork(IDisk disk, NodeId peer, ulong index, long offset, int maxBytes) : DiskWork
{
    public NodeId For { get; } = peer;

    public ulong Index { get; } = index;

    public long Offset { get; } = offset;

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    public override bool Step()
    {
        using IDiskFile file = disk.Open(SnapshotFiles.NameOf(Index));
        byte[] buffer = new byte[Math.Min(maxBytes, Math.Max(0, file.Length - Offset))];
        Bytes = buffer.AsMemory(0, file.Read(Offset, buffer));
        return false;
    }
}

/// <summary>Stores a piece of a snapshot that comes from a peer.</summary>
internal sealed class StoreSnapshotWork(IDisk disk, IncomingSnapshot incoming, byte[] bytes) : DiskWork
{
    public IncomingSnapshot Incoming { get; } = incoming;

    public override bool Step()
    {
        Incoming.Receiver ??= new SnapshotReceiver(disk, Incoming.Index, Incoming.Length);
        Incoming.Receiver.TryWrite(Incoming.Received, bytes);
        Incoming.Received = Incoming.Receiver.Received;
        return false;
    }

    public override void Abandon() => Incoming.Receiver?.Dispose();
}

/// <summary>Deletes what has come of a snapshot that is not waited for any more.</summary>
internal sealed class DropSnapshotWork(IncomingSnapshot incoming) : DiskWork
{
    public override bool Step()
    {
        incoming.Receiver?.Dispose();
        return false;
    }
}

/// <summary>Verifies a snapshot that came whole, puts it in its place and loads it.</summary>
internal sealed class LoadSnapshotWork(IDisk disk, IncomingSnapshot incoming, StateOptions options) : DiskWork
{
    public IncomingSnapshot Incoming { get; } = incoming;

    public SnapshotCaption? Caption { get; private set; }

    public StateMachine? Machine { get; private set; }

    public override bool Step()
    {
        if (!Incoming.Receiver!.IsFinished)
        {
            Incoming.Receiver.Finish();
            return true;
        }

        Incoming.Receiver.Dispose();
        using SnapshotReader reader = SnapshotReader.Open(disk, SnapshotFiles.NameOf(Incoming.Index));
        Caption = SnapshotCaption.Decode(reader.Caption.Span);
        Machine = StateMachine.Restore(reader.Load(), options);
        SnapshotFiles.DeleteBefore(disk, Incoming.Index);
        return false;
    }

    public override void Abandon() => Incoming.Receiver?.Dispose();
}
