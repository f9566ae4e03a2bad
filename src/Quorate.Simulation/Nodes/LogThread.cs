using Quorate.Consensus;
using Quorate.Replica;
using Quorate.Storage;

namespace Quorate.Simulation;

/// <summary>
/// The thread that writes a node's log, as a delay: whatever waits when a flush starts is written at once and durable when the
/// flush ends; in between, a crash may leave any of it.
/// </summary>
internal sealed class LogThread(World world, SimulatedNode node, SeededGenerator generator)
{
    private const long IdleBeforeMarkUs = 50_000;

    private readonly List<LogBatch> _waiting = [];
    private readonly Queue<LogRead> _reads = new();
    private readonly HeldFrames _held = new();
    private long _trimBefore;
    private IRecordLog? _log;
    private ReadOnlyMemory<byte> _caption;
    private int _writing;
    private long _flushed;
    private bool _isAwaited;
    private bool _isBusy;

    /// <summary>How many times slower than usual the disk is.</summary>
    public int Factor { get; set; } = 1;

    public void Live(IRecordLog log)
    {
        _log = log;
        _flushed = log.DurablePosition;
        _isBusy = false;
    }

    public void Die()
    {
        _log?.Dispose();
        _log = null;
        _waiting.Clear();
        _reads.Clear();
        _held.Clear();
        _trimBefore = 0;
        Factor = 1;
    }

    public void Write(LogBatch batch)
    {
        _waiting.Add(batch);
        if (!_isBusy)
        {
            _isBusy = true;
            node.After(0, StartFlush);
        }
    }

    /// <summary>Sends a frame once this position is durable.</summary>
    public void Hold(NodeId peer, ReadOnlySpan<byte> frame, long after)
    {
        _held.Hold(peer, frame, after);
        Release(_flushed);
    }

    /// <summary>Reads records back when the thread has time.</summary>
    public void Read(LogRead read)
    {
        _reads.Enqueue(read);
        node.After(0, TrimAndRead);
    }

    /// <summary>Lets go of records when the thread has time.</summary>
    public void TrimBefore(long position)
    {
        _trimBefore = Math.Max(_trimBefore, position);
        node.After(0, TrimAndRead);
    }

    private void TrimAndRead() => node.MayDie(() =>
    {
        if (_isBusy)
        {
            return;
        }

        if (_trimBefore > 0)
        {
            _log!.TrimBefore(_trimBefore);
            _trimBefore = 0;
        }

        while (_reads.TryDequeue(out LogRead? read))
        {
            var records = new List<ReadOnlyMemory<byte>>();
            if (read.Position >= _log!.FirstPosition && read.Position <= _log.LastPosition)
            {
                _log.Read(read.Position, read.MaxBytes, records);
            }

            node.Post(() => node.Replica!.LogWasRead(read, records));
        }
    });

    private void Release(long durable)
    {
        while (_held.TryTake(durable, out NodeId peer, out ReadOnlyMemory<byte> frame))
        {
            ((IReplicaHost)node).Send(peer, frame.Span);
        }
    }

    private void StartFlush() => node.MayDie(() =>
    {
        _writing = _waiting.Count;
        _isAwaited = false;
        foreach (LogBatch batch in _waiting)
        {
            _log!.Write(batch.Caption, batch.Records);
            _caption = batch.Caption;
            _isAwaited |= batch.IsAwaited;
        }

        _waiting.Clear();
        node.After(world.Delay(generator, world.Knobs.FlushUs * Factor), FinishFlush);
    });

    private void FinishFlush() => node.MayDie(() =>
    {
        _log!.Flush();
        long durable = _log.DurablePosition;
        world.Note(TraceKind.Flushed, node.Index, number: (ulong)durable);
        world.Judge.OnDurable(node, _writing, durable);
        _flushed = durable;
        Release(durable);

        // As in the real node, the loop does not wake up for news that nobody awaits.
        node.Post(() => node.Replica!.Durable(durable), wakes: _isAwaited);
        if (_waiting.Count > 0)
        {
            node.After(0, StartFlush);
            return;
        }

        _isBusy = false;
        node.After(0, TrimAndRead);
        node.After(IdleBeforeMarkUs, MarkWhenIdle);
        if (((RecordLog)_log).NeedsSpare && generator.Chance(500))
        {
            ((RecordLog)_log).AllocateSpare();
        }
    });

    private void MarkWhenIdle() => node.MayDie(() =>
    {
        if (!_isBusy && ((RecordLog)_log!).NeedsMark)
        {
            _log.Write(_caption, []);
            if (generator.Chance(500))
            {
                _log.Flush();
            }
        }
    });
}
