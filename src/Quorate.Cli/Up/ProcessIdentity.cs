using System.Text;

namespace Quorate.Cli.Up;

/// <summary>Whether a process id still belongs to the node it was written down for: ids are used again.</summary>
internal static class ProcessIdentity
{
    public static bool IsRunning(ClusterNode node) =>
        node.Pid > 0 && Arguments(node.Pid) is { } arguments && IsNode(arguments, node) && !IsZombie(node.Pid);

    private static bool IsNode(string[] arguments, ClusterNode node)
    {
        int option = Array.IndexOf(arguments, "--data-dir");
        return arguments.Contains("serve") && option >= 0 && option + 1 < arguments.Length && arguments[option + 1] == node.DataDir;
    }

    private static string[]? Arguments(int pid)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A process that ended but whose parent has not asked how still has an entry.</summary>
    private static bool IsZombie(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            int afterName = stat.LastIndexOf(')');
            return afterName > 0 && afterName + 2 < stat.Length && stat[afterName + 2] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
