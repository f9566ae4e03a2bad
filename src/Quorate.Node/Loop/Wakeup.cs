using System.Runtime.InteropServices;

namespace Quorate.Node;

/// <summary>
/// Lets one thread sleep until another wakes it, on a futex (Linux' futex(2)). A wake-up is paid only when the thread really
/// sleeps, and the woken thread finds no lock in its way, which is what <see cref="Monitor.Pulse(object)"/> would leave it to.
/// </summary>
internal sealed class Wakeup
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Sleeping = 2;

    /// <summary>Pinned: the kernel knows it by its address.</summary>
    private readonly int[] _state = GC.AllocateArray<int>(1, pinned: true);

    private unsafe int* Address => (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_state, 0);

    /// <summary>Wakes the sleeper, or lets its next sleep end at once.</summary>
    public unsafe void Set()
    {
        if (Interlocked.Exchange(ref _state[0], Signalled) == Sleeping)
        {
            LibC.Futex(LibC.FutexNumber, Address, LibC.FutexWakePrivate, 1, null);
        }
    }

    /// <summary>Sleeps until somebody calls <see cref="Set"/>; false when nobody did in time. −1 waits for ever.</summary>
    public unsafe bool Wait(int timeoutMs)
    {
        if (Interlocked.CompareExchange(ref _state[0], Sleeping, Idle) == Idle)
        {
            LibC.TimeSpec timeout = LibC.TimeSpec.Of(TimeSpan.FromMilliseconds(timeoutMs));
            do
            {
                // Ends at once when the state has changed already; interrupted or woken for nothing, it sleeps again or gives up early.
                LibC.Futex(LibC.FutexNumber, Address, LibC.FutexWaitPrivate, Sleeping, timeoutMs < 0 ? null : &timeout);
            }
            while (timeoutMs < 0 && Volatile.Read(ref _state[0]) == Sleeping);
        }

        return Interlocked.Exchange(ref _state[0], Idle) == Signalled;
    }
}
