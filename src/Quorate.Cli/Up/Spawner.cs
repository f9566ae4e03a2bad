using System.Collections.Concurrent;
using System.Diagnostics;

namespace Quorate.Cli.Up;

/// <summary>
/// Starts child processes from one thread that lives as long as the program. The kernel's "die with your parent" means the thread that
/// forked, not the process (prctl(2), PR_SET_PDEATHSIG): a child started by a pool thread would be killed when the pool shrinks.
/// </summary>
internal sealed class Spawner
{
    private readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Started)> _requests = new(boundedCapacity: 64);

    public Spawner()
    {
        Thread thread = new(Run) { IsBackground = true, Name = "spawner" };
        thread.Start();
    }

    public Task<Process> StartAsync(ProcessStartInfo info)
    {
        TaskCompletionSource<Process> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Add((info, started));
        return started.Task;
    }

    private void Run()
    {
        foreach ((ProcessStartInfo info, TaskCompletionSource<Process> started) in _requests.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(info) ?? throw new InvalidOperationException("the system started no process"));
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        }
    }
}
