using System.Globalization;

namespace Quorate.Cli.Serve;

/// <summary>
/// What a node does first when <c>quorate up</c> started it: it ties its life to its parent's or cuts itself loose. The parent says which
/// through these variables of the environment; nobody else sets them.
/// </summary>
internal static class ChildProcess
{
    /// <summary>The process whose death ends this one.</summary>
    public const string ParentVariable = "QUORATE_PARENT_PID";

    /// <summary>Set when this process outlives the one that started it.</summary>
    public const string DetachedVariable = "QUORATE_DETACHED";

    public static void ObeyParent()
    {
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
}
