using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Quorate.Node;

/// <summary>
/// What the loop sleeps on: the sockets of its peers and a wake-up (ppoll(2) over an eventfd(2)). A thread per peer that hands
/// its frames over would cost two more changes of threads for every message.
/// </summary>
internal sealed class LoopPoll : IDisposable
{
    private const short Readable = 1;
    private const int Awake = 0;
    private const int Asleep = 1;

    private readonly SafeFileHandle _event = LibC.EventFd(0, LibC.EventNonBlocking | LibC.CloseOnExec);
    private LibC.PollFd[] _entries;
    private int _state;

    public LoopPoll()
    {
        if (_event.IsInvalid)
        {
            throw new IOException($"eventfd failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        _entries = [new LibC.PollFd((int)_event.DangerousGetHandle(), Readable)];
    }

    /// <summary>Watches these sockets from now on.</summary>
    public void Watch(IReadOnlyList<PeerReader> readers)
    {
        var entries = new LibC.PollFd[1 + readers.Count];
        entries[0] = _entries[0];
        for (int i = 0; i < readers.Count; i++)
        {
            entries[i + 1] = new LibC.PollFd(readers[i].Descriptor, Readable);
        }

        _entries = entries;
    }

    /// <summary>Whether the last <see cref="Wait"/> found something to read, or an end, at this socket.</summary>
    public bool IsReady(int reader) => _entries[reader + 1].Returned != 0;

    /// <summary>Says that the thread will sleep unless it finds something to do. Only then does <see cref="Wake"/> cost anything.</summary>
    public void PrepareToSleep() => Interlocked.Exchange(ref _state, Asleep);

    /// <summary>Sleeps until a socket has something, somebody calls <see cref="Wake"/>, or the time is over. Zero, or less, only looks.</summary>
    public unsafe void Wait(TimeSpan timeout)
    {
        LibC.TimeSpec time = LibC.TimeSpec.Of(timeout);
        fixed (LibC.PollFd* entries = _entries)
        {
            // Interrupted is as good as woken for nothing.
            if (LibC.Poll(entries, (nuint)_entries.Length, &time, null) < 0)
            {
                foreach (ref LibC.PollFd entry in _entries.AsSpan())
                {
                    entry.Returned = 0;
                }
            }
        }

        Volatile.Write(ref _state, Awake);
        if (_entries[0].Returned != 0)
        {
            ulong count;
            LibC.Read(_event, &count, sizeof(ulong));
        }
    }

    /// <summary>Wakes the thread if it sleeps or is about to. For any thread, also after the end.</summary>
    public unsafe void Wake()
    {
        if (Interlocked.Exchange(ref _state, Awake) == Asleep)
        {
            ulong one = 1;
            try
            {
                LibC.Write(_event, &one, sizeof(ulong));
            }
            catch (ObjectDisposedException)
            {
                // Nobody is left to be woken.
            }
        }
    }

    public void Dispose() => _event.Dispose();
}
