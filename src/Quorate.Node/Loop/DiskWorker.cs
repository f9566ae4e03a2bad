using System.Diagnostics;
using Quorate.Replica;
using Quorate.Storage;

namespace Quorate.Node;

/// <summary>The thread that saves, reads and loads snapshots, so that neither the loop nor the log waits for them.</summary>
internal sealed class DiskWorker
{
    private readonly object _gate = new();
    private readonly Queue<DiskWork> _waiting = new();
    private readonly Action<DiskWork> _done;
    private readonly Action<Exception> _diskFailed;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public DiskWorker(Action<DiskWork> done, Action<Exception> diskFailed, string name)
    {
        _done = done;
        _diskFailed = diskFailed;
        _thread = new Thread(Run) { IsBackground = true, Name = $"{name} disk", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    public void Run(DiskWork work)
    {
        lock (_gate)
        {
            _waiting.Enqueue(work);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Gives up whatever is under way.</summary>
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
        while (TryTake(out DiskWork? work))
        {
            using Activity? activity = NodeActivity.Source.StartActivity("quorate.disk");
            activity?.SetTag("quorate.work", work!.GetType().Name);
            try
            {
                while (!_stopping && work!.Step())
                {
                }
            }
            catch (DiskFailedException failure)
            {
                _diskFailed(failure);
                return;
            }
            catch (Exception failure) when (failure is IOException or FormatException)
            {
                activity.Failed(failure);
                work!.Failure = failure;
                work.Abandon();
            }

            if (_stopping)
            {
                work!.Abandon();
            }
            else
            {
                _done(work!);
            }
        }
    }

    private bool TryTake(out DiskWork? work)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_stopping)
            {
                Monitor.Wait(_gate);
            }

            return _waiting.TryDequeue(out work) && !_stopping;
        }
    }
}
