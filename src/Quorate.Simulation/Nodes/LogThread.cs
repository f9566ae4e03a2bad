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
    private IRecordLog? _log;
    private ReadOnlyMemory<byte> _caption;
    private int _writing;
    private bool _isBusy;

    /// <summary>How many times slower than usual the disk is.</summary>
    public int Factor { get; set; } = 1;

    public void Live(IRecordLog log)
    {
        _log = log;
        _isBusy = false;
    }

    public void Die()
    {
        _log?.Dispose();
        _log = null;
        _waiting.Clear();
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

    private void StartFlush() => MayDie(() =>
    {
        _writing = _waiting.Count;
        foreach (LogBatch batch in _waiting)
        {
            _log!.Write(batch.Caption, batch.Records);
            _caption = batch.Caption;
        }

        _waiting.Clear();
        node.After(world.Delay(generator, world.Knobs.FlushUs * Factor), FinishFlush);
    });

    private void FinishFlush() => MayDie(() =>
    {
        _log!.Flush();
        long durable = _log.DurablePosition;
        world.Note(TraceKind.Flushed, node.Index, number: (ulong)durable);
        world.Judge.OnDurable(node, _writing, durable);
        node.Post(() => node.Replica!.Durable(durable));
        if (_waiting.Count > 0)
        {
            node.After(0, StartFlush);
            return;
        }

        _isBusy = false;
        node.After(IdleBeforeMarkUs, MarkWhenIdle);
        if (((RecordLog)_log).NeedsSpare && generator.Chance(500))
        {
            ((RecordLog)_log).AllocateSpare();
        }
    });

    private void MarkWhenIdle() => MayDie(() =>
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

    private void MayDie(Action action)
    {
        try
        {
            if (!world.IsCalm && generator.Chance(world.Knobs.DieInDisk))
            {
                node.Disk.DieAfter(generator.Between(0, 8));
            }

            action();
            node.Disk.DieAfter(int.MaxValue);
        }
        catch (ProcessDiedException)
        {
            world.Tally.See("died in a call to the disk");
            world.Nemesis.CrashNow(node, node.DrawMode());
        }
    }
}
