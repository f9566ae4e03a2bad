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
    private readonly object _gate = new();
    private readonly Thread _thread;
    private List<LogBatch> _waiting = [];
    private long _trimBefore;
    private bool _stopping;

    public LogWorker(IRecordLog log, ILogWorkerOwner owner, string name)
    {
        _log = log;
        _owner = owner;
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
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Lets go of records below this position when there is time.</summary>
    public void TrimBefore(long position)
    {
        lock (_gate)
        {
            _trimBefore = Math.Max(_trimBefore, position);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes and flushes what waits, then ends the thread.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        List<LogBatch> batches = [];
        bool marked = true;
        ReadOnlyMemory<byte> caption = default;
        try
        {
            while (true)
            {
                bool idle = !Await(ref batches, marked ? Timeout.InfiniteTimeSpan : IdleBeforeMark);
                if (batches.Count > 0)
                {
                    caption = batches[^1].Caption;
                    marked = false;
                    WriteAll(batches);
                    batches.Clear();
                }
                else if (idle && !marked)
                {
                    // Nobody waits: one more header says that everything before it is durable (DESIGN §5).
                    marked = true;
                    TryWhileThereIsSpace(() => _log.Write(caption, []));
                }

                Trim();
                if (_stopping && batches.Count == 0 && _waiting.Count == 0)
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

    private bool Await(ref List<LogBatch> batches, TimeSpan timeout)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && !_stopping && _trimBefore == 0)
            {
                Monitor.Wait(_gate, timeout);
            }

            (batches, _waiting) = (_waiting, batches);
            return batches.Count > 0;
        }
    }

    private void WriteAll(List<LogBatch> batches)
    {
        bool full = false;
        foreach (LogBatch batch in batches)
        {
            while (!TryWhileThereIsSpace(() => _log.Write(batch.Caption, batch.Records)))
            {
                full = ReportSpace(wasFull: full, isFull: true);
                if (_stopping)
                {
                    return;
                }

                Thread.Sleep(SpaceRetry);
            }
        }

        _log.Flush();
        ReportSpace(full, isFull: false);
        DiskBytes = _log.DiskBytes;
        _owner.LogDurable(_log.DurablePosition);
    }

    private bool ReportSpace(bool wasFull, bool isFull)
    {
        if (wasFull != isFull)
        {
            _owner.LogSpace(isFull);
        }

        return isFull;
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
            DiskBytes = _log.DiskBytes;
        }
    }

    private static bool TryWhileThereIsSpace(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (DiskFullException)
        {
            return false;
        }
    }
}
