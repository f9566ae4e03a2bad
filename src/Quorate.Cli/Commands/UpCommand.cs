using System.CommandLine;
using Quorate.Cli.Serve;
using Quorate.Cli.Shell;
using Quorate.Cli.Up;
using Spectre.Console;

namespace Quorate.Cli.Commands;

internal static class UpCommand
{
    public const string DefaultDataDirectory = "./quorate-data";
    private const int HighestPort = 65535;
    private const int DefaultPatienceSeconds = 60;

    public static Command Create(Terminal terminal)
    {
        Option<int> nodes = LayeredOption.Integer("--nodes", "How many nodes.", UpSettings.DefaultNodes, 1, UpSettings.MostNodes);
        Option<string> protocol = LayeredOption.Create("--protocol", "raft, paxos or zab.", UpSettings.DefaultProtocol, ServeOptions.Protocol, "NAME");
        Option<string?> directory = DataDirectoryOption();
        Option<int> clientPort = LayeredOption.Integer("--client-port", "The first node's client port.", UpSettings.DefaultClientPort, 1, HighestPort, "PORT");
        Option<int> peerPort = LayeredOption.Integer("--peer-port", "The first node's peer port.", UpSettings.DefaultPeerPort, 1, HighestPort, "PORT");
        Option<int> step = LayeredOption.Integer("--port-step", "What lies between the ports of two neighbours.", UpSettings.DefaultPortStep, 1, HighestPort);
        Option<bool> detach = LayeredOption.Switch("--detach", "Returns when all serve; they go on. 'quorate down' stops them.");
        Option<string?> only = LayeredOption.Text("--only", "Starts this one node of a cluster that was started here before.", null, "NAME");
        Option<int> patience = LayeredOption.Integer("--wait-seconds", "How long the nodes may take until they serve.", DefaultPatienceSeconds, 1, 3600, "S");
        Argument<string[]> extra = new("SERVE-OPTIONS") { Description = "After --: more options for every node's serve.", Arity = ArgumentArity.ZeroOrMore };
        Command command = new("up", "Runs a cluster on this machine: nodes n1, n2, … on loopback. Prints 'ready' once every node has answered a linearizable read.")
        {
            nodes, protocol, directory, clientPort, peerPort, step, detach, only, patience, extra,
        };
        command.SetRun(terminal, async (result, stop) =>
        {
            Platform.Check();
            UpSettings settings = new(
                Said(result, nodes),
                LayeredOption.IsSaid(result, protocol) ? result.GetValue(protocol) : null,
                Path.GetFullPath(result.GetValue(directory)!),
                Said(result, clientPort),
                Said(result, peerPort),
                Said(result, step),
                result.GetValue(only),
                result.GetValue(extra) ?? []);
            bool isDetached = result.GetValue(detach);
            ClusterNode[] wanted = await PlanAsync(settings, stop).ConfigureAwait(false);
            ClusterStart start = new(
                Environment.ProcessPath!, settings.DataDirectory, isDetached, TimeSpan.FromSeconds(result.GetValue(patience)));
            IReadOnlyList<StartedNode> started = await StartAsync(terminal, start, wanted, stop).ConfigureAwait(false);
            Announce(terminal, started);
            return isDetached
                ? ExitCode.Done
                : await ClusterSupervisor.RunAsync(terminal, [.. started.Select(node => node.Process)], stop).ConfigureAwait(false);
        });
        return command.WithExamples(
            "./quorate up",
            "./quorate up --nodes 5 --port-step 10 --data-dir /tmp/five --detach",
            "./quorate up --data-dir /tmp/five --only n2      (start n2 again after it died)",
            "./quorate up -- --election-timeout-ms 500");
    }

    public static Option<string?> DataDirectoryOption() => LayeredOption.Text(
        "--data-dir", "Where the cluster keeps its data, its logs and cluster.json.", DefaultDataDirectory, "DIR");

    private static int? Said(ParseResult result, Option<int> option) => LayeredOption.IsSaid(result, option) ? result.GetValue(option) : null;

    /// <summary>Writes down what there shall be, and gives the nodes to start.</summary>
    private static async Task<ClusterNode[]> PlanAsync(UpSettings settings, CancellationToken stop)
    {
        ClusterFile file = await ClusterFile.UpdateAsync(
            settings.DataDirectory,
            existing =>
            {
                ClusterFile plan = ClusterPlan.Create(settings, existing);
                ClusterNode[] running = [.. plan.Nodes.Where(ProcessIdentity.IsRunning)];
                EnsureNotRunning(settings, plan, running);
                PortCheck.EnsureFree(plan.Nodes.Where(node => settings.Only is null || node.Name == settings.Only));
                return plan;
            },
            stop).ConfigureAwait(false);
        return [.. file.Nodes.Where(node => settings.Only is null || node.Name == settings.Only)];
    }

    private static void EnsureNotRunning(UpSettings settings, ClusterFile plan, ClusterNode[] running)
    {
        ClusterNode[] inTheWay = [.. running.Where(node => settings.Only is null || node.Name == settings.Only)];
        if (inTheWay.Length == 0)
        {
            return;
        }

        string names = string.Join(", ", inTheWay.Select(node => $"{node.Name} (pid {node.Pid})"));
        string[] down = [.. plan.Nodes.Where(node => !running.Contains(node)).Select(node => node.Name)];
        string remedy = settings.Only is null && down.Length > 0
            ? $"'quorate up --data-dir {settings.DataDirectory} --only {down[0]}' starts one that does not"
            : $"'quorate down --data-dir {settings.DataDirectory}' stops the cluster";
        throw new CliException($"{names} run already; {remedy}");
    }

    private static async Task<IReadOnlyList<StartedNode>> StartAsync(Terminal terminal, ClusterStart start, ClusterNode[] nodes, CancellationToken stop)
    {
        if (!terminal.ErrorIsTerminal)
        {
            return await start.RunAsync(nodes, Readiness.WaitAsync, stop).ConfigureAwait(false);
        }

        return await terminal.ErrorConsole.Status().StartAsync(
            $"Starting {string.Join(", ", nodes.Select(node => node.Name))} …",
            _ => start.RunAsync(nodes, Readiness.WaitAsync, stop)).ConfigureAwait(false);
    }

    private static void Announce(Terminal terminal, IReadOnlyList<StartedNode> started)
    {
        Table table = Terminal.NewTable(terminal.ErrorIsTerminal, "node", "pid", "client URL", "role");
        foreach (StartedNode node in started)
        {
            Terminal.AddRow(table, node.Process.Node.Name, $"{node.Process.Node.Pid}", node.Process.Node.ClientUrl, node.View.Role);
        }

        terminal.ErrorConsole.Write(table);
        terminal.Out.WriteLine("ready");
        terminal.Out.Flush();
    }
}
