using System.Runtime.InteropServices;

namespace Quorate.Cli.Bench.Http2;

/// <summary>
/// The system calls of a loop that drives many sockets from one thread. .NET's own asynchronous sockets cost several times the CPU per
/// operation, and this tool shares its machine with the servers that it measures.
/// </summary>
internal static unsafe partial class Poll
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;
    public const int TryAgain = 11;
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Modify = 3;
    private const int DoNotRaise = 0x4000;

    public static int Create() => Check(EpollCreate(CloseOnExec));

    public static void Watch(int poll, int socket, int index, bool isNew, bool wantsToWrite)
    {
        Event what = new() { Events = Readable | (wantsToWrite ? Writable : 0), Index = index };
        Check(EpollControl(poll, isNew ? Add : Modify, socket, &what));
    }

    /// <summary>Waits for sockets, for at most so many microseconds; 0 returns at once.</summary>
    /// <returns>How many there are.</returns>
    public static int Wait(int poll, Span<Event> events, long timeoutUs)
    {
        TimeSpec timeout = new() { Seconds = timeoutUs / 1_000_000, Nanoseconds = timeoutUs % 1_000_000 * 1000 };
        fixed (Event* first = events)
        {
            // An interrupted wait is an empty one.
            return Math.Max(0, EpollWait(poll, first, events.Length, &timeout, null));
        }
    }

    /// <returns>Bytes; 0 at the end of the stream; −1 when there is nothing to read now.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public static int Receive(int socket, Span<byte> into)
    {
        fixed (byte* first = into)
        {
            return Result(ReceiveBytes(socket, first, (nuint)into.Length, 0));
        }
    }

    /// <returns>Bytes; −1 when none can be sent now.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public static int Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return Result(SendBytes(socket, first, (nuint)bytes.Length, DoNotRaise));
        }
    }

    private static int Result(nint result)
    {
        if (result >= 0)
        {
            return (int)result;
        }

        return Marshal.GetLastPInvokeError() == TryAgain ? -1 : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    private static int Check(int result) => result >= 0 ? result : throw new IOException(Marshal.GetLastPInvokeErrorMessage());

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int poll, int operation, int descriptor, Event* what);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    private static partial int EpollWait(int poll, Event* events, int most, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveBytes(int socket, byte* into, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint SendBytes(int socket, byte* from, nuint length, int flags);

    /// <summary>The kernel's epoll_event, which is packed on x64.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct Event
    {
        public uint Events;
        public long Index;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
