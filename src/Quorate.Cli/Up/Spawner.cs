using System.Collections.Concurrent;
using System.Diagnostics;

namespace Quorate.Cli.Up;

/// <summary>
/// Starts child processes from one thread that lives as long as the program. The kernel's "die with your parent" means the thread that
/// forked, not the process (prctl(2), PR_SET_PDEATHSIG): a child started by a pool thread would be killed when the pool shrinks.
/// </summary>
internal static class Spawner
{
    private static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Started)> Requests = new(boundedCapacity: 64);

    static Spawner()
    {
        Thread thread = new(Run) { IsBackground = true, Name = "spawner" };
        thread.Start();
    }

    public static Task<Process> StartAsync(ProcessStartInfo info)
    {
        TaskCompletionSource<Process> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add((info, started));
        return started.Task;
    }

    private static void Run()
    {
        foreach ((ProcessStartInfo info, TaskCompletionSource<Process> started) in Requests.GetConsumingEnumerable())
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
