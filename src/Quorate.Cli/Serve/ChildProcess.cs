using System.Globalization;

namespace Quorate.Cli.Serve;

/// <summary>
/// What a node does first when <c>quorate up</c> started it: it takes its log file as its output, and ties its life to its parent's
/// or cuts itself loose. The parent says which through these variables of the environment; nobody else sets them.
/// </summary>
internal static class ChildProcess
{
    /// <summary>The process whose death ends this one.</summary>
    public const string ParentVariable = "QUORATE_PARENT_PID";

    /// <summary>Set when this process outlives the one that started it.</summary>
    public const string DetachedVariable = "QUORATE_DETACHED";

    /// <summary>The file that takes standard output and standard error.</summary>
    public const string LogVariable = "QUORATE_LOG_FILE";

    private const int PrivateToUserAndReadable = 0b110_100_100;

    public static void ObeyParent()
    {
        TakeLogFile(Take(LogVariable));
        string? parent = Take(ParentVariable);
        string? detached = Take(DetachedVariable);
        if (parent is not null)
        {
            DieWith(int.Parse(parent, CultureInfo.InvariantCulture));
        }
        else if (detached is not null)
        {
            // Fails only for the leader of a process group, and such a process already has what we want.
            _ = Native.NewSession();
        }
    }

    /// <summary>A process started from this one must not take the words meant for it.</summary>
    private static string? Take(string variable)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        if (value is not null)
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        return value;
    }

    private static void DieWith(int parentId)
    {
        _ = Native.ProcessControl(Native.SetParentDeathSignal, Native.SignalKill, 0, 0, 0);

        // The parent may have died before the line above: then no signal will ever come.
        if (Native.ParentProcessId() != parentId)
        {
            Environment.Exit(Shell.ExitCode.Failed);
        }
    }

    private static void TakeLogFile(string? path)
    {
        if (path is null)
        {
            return;
        }

        int log = Native.Open(path, Native.OpenWriteAppendCreate, PrivateToUserAndReadable);
        int nothing = Native.Open("/dev/null", Native.OpenRead, 0);
        if (log < 0 || nothing < 0)
        {
            Console.Error.WriteLine($"cannot open the log file {path}: {System.Runtime.InteropServices.Marshal.GetLastPInvokeErrorMessage()}");
            Environment.Exit(Shell.ExitCode.Failed);
        }

        _ = Native.Duplicate(nothing, 0);
        _ = Native.Duplicate(log, 1);
        _ = Native.Duplicate(log, 2);
        _ = Native.Close(log);
        _ = Native.Close(nothing);
    }
}
