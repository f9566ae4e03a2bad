using System.Runtime.InteropServices;

namespace Quorate.Cli.Serve;

/// <summary>The few system calls that .NET has no name for. Linux only.</summary>
internal static partial class Native
{
    public const int SetParentDeathSignal = 1;
    public const int SignalTerminate = 15;
    public const int SignalKill = 9;

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ProcessControl(int option, nint argument2, nint argument3, nint argument4, nint argument5);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentProcessId();

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);
}
