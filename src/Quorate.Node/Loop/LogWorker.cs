using System.Diagnostics;
using Quorate.Replica;
using Quorate.Storage;

namespace Quorate.Node;

/// <summary>
/// The one thread that writes and flushes the log. Group commit: everything that waits when a flush starts goes with it.
/// </summary>
internal sealed class LogWorker
{
    private static readonly TimeSpan IdleBeforeMark = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SpaceRetry = TimeSpan.FromMilliseconds(200);

    private readonly IRecordLog _log;
    private readonly ILogWorkerOwner _owner;
    private readonly NodeMetrics _metrics;
    private readonly object _gate = new();
    private readonly Wakeup _wakeup = new();
    private readonly Thread _thread;
    private List<LogBatch> _waiting = [];
    private readonly Queue<LogRead> _reads = new();
    private long _trimBefore;
    private bool _stopping;
    private bool _isFull;

    public LogWorker(IRecordLog log, ILogWorkerOwner owner, NodeMetrics metrics, string name)
    {
        _log = log;
        _owner = owner;
        _metrics = metrics;
        DiskBytes = log.DiskBytes;
        _thread = new Thread(Run) { IsBackground = true, Name = $"{name} log" };
        _thread.Start();
    }

    /// <summary>Bytes the log takes on disk.</summary>
    public long DiskBytes { get; private set; }

    public void Write(LogBatch batch)
    {
        lock (_gate)
        {
            _waiting.Add(batch);
        }

        _wakeup.Set();
    }

    /// <summary>Reads records back when there is time.</summary>
    public void Read(LogRead read)
    {
        lock (_gate)
        {
            _reads.Enqueue(read);
        }

        _wakeup.Set();
    }

    /// <summary>Lets go of records below this position when there is time.</summary>
    public void TrimBefore(long position)
    {
        lock (_gate)
        {
            _trimBefore = Math.Max(_trimBefore, position);
        }

        _wakeup.Set();
    }

    /// <summary>Writes and flushes what waits, then ends the thread.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
        }

        _wakeup.Set();

        _thread.Join();
    }

    private void Run()
    {
        List<LogBatch> batches = [];
        ReadOnlyMemory<byte> caption = default;
        try
        {
            while (true)
            {
                bool hasWork = Await(ref batches);
                if (batches.Count > 0)
                {
                    caption = batches[^1].Caption;
                    WriteAll(batches);
                    batches.Clear();
                }
                else if (!hasWork)
                {
                    DoIdleWork(caption);
                }

                Trim();
                ReadBack();
                DiskBytes = _log.DiskBytes;
                if (_stopping && !HasWork())
                {
                    return;
                }
            }
        }
        catch (Exception failure)
        {
            _owner.LogFailed(failure);
        }
        finally
        {
            _log.Dispose();
        }
    }

    /// <summary>Takes what waits; false when nothing came for a while.</summary>
    private bool Await(ref List<LogBatch> batches)
    {
        bool sleeps;
        lock (_gate)
        {
            sleeps = _waiting.Count == 0 && !_stopping && _trimBefore == 0 && _reads.Count == 0;
        }

        if (sleeps)
        {
            bool hasIdleWork = _log.NeedsMark || _log.NeedsSpare;
            if (!_wakeup.Wait(hasIdleWork ? (int)IdleBeforeMark.TotalMilliseconds : -1))
            {
                return false;
            }
        }

        lock (_gate)
        {
            (batches, _waiting) = (_waiting, batches);
            return true;
        }
    }

    private bool HasWork()
    {
        lock (_gate)
        {
            return _waiting.Count > 0;
        }
    }

    private void WriteAll(List<LogBatch> batches)
    {
        bool isAwaited = false;
        foreach (LogBatch batch in batches)
        {
            isAwaited |= batch.IsAwaited;
            while (!HasSpaceTo(() => _log.Write(batch.Caption, batch.Records)))
            {
                if (_stopping)
                {
                    return;
                }

                Thread.Sleep(SpaceRetry);
                Trim();
            }
        }

        long startedAt = Stopwatch.GetTimestamp();
        _log.Flush();
        _metrics.Flushed(startedAt);
        _owner.LogDurable(_log.DurablePosition, isAwaited);
        if (_log.NeedsSpare)
        {
            HasSpaceTo(_log.AllocateSpare);
        }
    }

    /// <summary>Nobody waits: allocates the next segment, and writes one more header which says that everything before it is durable (DESIGN §5).</summary>
    private void DoIdleWork(ReadOnlyMemory<byte> caption)
    {
        if (_log.NeedsSpare)
        {
            HasSpaceTo(_log.AllocateSpare);
        }

        if (_log.NeedsMark && !caption.IsEmpty && HasSpaceTo(() => _log.Write(caption, [])))
        {
            _log.Flush();
        }
    }

    /// <summary>Does something that needs space, and tells the owner when that is gone or has come back.</summary>
    private bool HasSpaceTo(Action action)
    {
        bool succeeded = false;
        try
        {
            action();
            succeeded = true;
        }
        catch (DiskFullException)
        {
            // Told below.
        }

        // A batch may still fit where no next segment does: only that one says that there is space again.
        bool isFull = !succeeded || (_isFull && _log.NeedsSpare);
        if (isFull != _isFull)
        {
            _isFull = isFull;
            _owner.LogSpace(isFull);
        }

        return succeeded;
    }

    private void ReadBack()
    {
        LogRead? read;
        lock (_gate)
        {
            _reads.TryDequeue(out read);
        }

        if (read is null)
        {
            return;
        }

        List<ReadOnlyMemory<byte>> records = [];
        if (read.Position >= _log.FirstPosition && read.Position <= _log.DurablePosition)
        {
            _log.Read(read.Position, read.MaxBytes, records);
        }

        _owner.LogRead(read, records);
    }

    private void Trim()
    {
        long position;
        lock (_gate)
        {
            position = _trimBefore;
            _trimBefore = 0;
        }

        if (position > 0)
        {
            _log.TrimBefore(position);
        }
    }
}
