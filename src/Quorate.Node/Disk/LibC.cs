using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Quorate.Node;

/// <summary>What the base library does not offer, or offers without the error. Decide on the result, not on the error number: the first call's is unreliable (facts/reliability §0).</summary>
internal static partial class LibC
{
    public const int OpenDirectory = 0x10000;
    public const int CloseOnExec = 0x80000;
    public const int EventNonBlocking = 0x800;
    public const int FutexWaitPrivate = 128;
    public const int FutexWakePrivate = 129;

    /// <summary>The number of futex(2) on x64, which libc has no function for.</summary>
    public const nint FutexNumber = 202;

    public const int NoSpace = 28;
    public const int QuotaExceeded = 122;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int Fdatasync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Fallocate(SafeFileHandle handle, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial SafeFileHandle EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    public static unsafe partial int Poll(PollFd* entries, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "read")]
    public static unsafe partial nint Read(SafeFileHandle handle, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    public static unsafe partial nint Write(SafeFileHandle handle, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "syscall")]
    public static unsafe partial nint Futex(nint number, int* address, int operation, int value, TimeSpec* timeout);

    /// <summary>struct timespec.</summary>
    public readonly record struct TimeSpec(long Seconds, long Nanoseconds)
    {
        /// <summary>A span of time; none for a negative one.</summary>
        public static TimeSpec Of(TimeSpan span) =>
            span <= TimeSpan.Zero ? default : new(span.Ticks / TimeSpan.TicksPerSecond, span.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick);
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd(int descriptor, short events)
    {
        public int Descriptor = descriptor;
        public short Events = events;
        public short Returned;
    }
}
