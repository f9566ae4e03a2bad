using System.Globalization;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Bench;

/// <summary>CPU time of processes, all their threads together, from the kernel.</summary>
internal static class ProcessCpu
{
    private const int UserTimeField = 11;
    private const int TicksPerSecond = 100;

    /// <exception cref="CliException">One of them does not exist.</exception>
    public static TimeSpan Of(IReadOnlyList<int> pids) => new(pids.Sum(pid => Of(pid).Ticks));

    private static TimeSpan Of(int pid)
    {
        try
        {
            // The fields are counted behind the name, which may hold spaces and brackets (proc(5)).
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            long ticks = long.Parse(fields[UserTimeField], CultureInfo.InvariantCulture) + long.Parse(fields[UserTimeField + 1], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(ticks / (double)TicksPerSecond);
        }
        catch (IOException exception)
        {
            throw new CliException($"--pids: there is no process {pid} (any more)", inner: exception);
        }
    }
}
