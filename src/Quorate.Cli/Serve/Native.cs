using System.Runtime.InteropServices;

namespace Quorate.Cli.Serve;

/// <summary>The few system calls that .NET has no name for. Linux only.</summary>
internal static partial class Native
{
    public const int SetParentDeathSignal = 1;
    public const int SignalTerminate = 15;
    public const int SignalKill = 9;
    public const int OpenWriteAppendCreate = 0x1 | 0x400 | 0x40;
    public const int OpenRead = 0;

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ProcessControl(int option, nint argument2, nint argument3, nint argument4, nint argument5);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentProcessId();

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Duplicate(int fromDescriptor, int toDescriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);
}
