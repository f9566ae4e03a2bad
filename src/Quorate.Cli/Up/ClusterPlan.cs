using System.Net;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Up;

/// <summary>Which nodes there are and how each is started: laid out afresh, or read from the directory's <c>cluster.json</c>.</summary>
internal static class ClusterPlan
{
    private const string Host = "127.0.0.1";

    /// <exception cref="CliException">The ports do not work out, or the directory holds another cluster than the one asked for.</exception>
    public static ClusterFile Create(UpSettings settings, ClusterFile? existing)
    {
        ClusterFile plan = existing is null || IsUnfounded(existing) ? LayOut(settings) : Continue(settings, existing);
        if (settings.Only is string only && plan.Nodes.All(node => node.Name != only))
        {
            throw CliException.Usage($"there is no node {only}; there are {string.Join(", ", plan.Nodes.Select(node => node.Name))}");
        }

        return plan;
    }

    /// <summary>A first start that failed before any node wrote anything binds nobody to its ports.</summary>
    private static bool IsUnfounded(ClusterFile file) => file.ClusterId.Length == 0 && file.Nodes.All(node => !Directory.Exists(node.DataDir));

    private static ClusterFile LayOut(UpSettings settings)
    {
        int count = settings.Nodes ?? UpSettings.DefaultNodes;
        string protocol = settings.Protocol ?? UpSettings.DefaultProtocol;
        int step = settings.PortStep ?? UpSettings.DefaultPortStep;
        int[] clients = Ports("--client-port", settings.ClientPort ?? UpSettings.DefaultClientPort, step, count);
        int[] peers = Ports("--peer-port", settings.PeerPort ?? UpSettings.DefaultPeerPort, step, count);
        int? twice = clients.Concat(peers).GroupBy(port => port).Where(group => group.Count() > 1).Select(group => (int?)group.Key).FirstOrDefault();
        if (twice is not null)
        {
            throw CliException.Usage($"port {twice} would be used twice; choose another --client-port, --peer-port or --port-step");
        }

        string initial = string.Join(',', peers.Select((port, k) => $"{Name(k)}={Host}:{port}"));
        return new ClusterFile("", protocol, [.. Enumerable.Range(0, count).Select(k =>
        {
            string directory = Path.Combine(settings.DataDirectory, Name(k));
            return new ClusterNode(
                Name(k), "", 0, $"http://{Host}:{clients[k]}", $"tcp://{Host}:{peers[k]}", directory, directory + ".log",
                [
                    "serve", "--name", Name(k), "--data-dir", directory, "--listen-client", $"http://{Host}:{clients[k]}",
                    "--listen-peer", $"{Host}:{peers[k]}", "--initial-cluster", initial, "--protocol", protocol, .. settings.Extra,
                ]);
        })]);
    }

    private static string Name(int k) => $"n{k + 1}";

    private static int[] Ports(string option, int first, int step, int count)
    {
        int[] ports = [.. Enumerable.Range(0, count).Select(k => first + (k * step))];
        int tooHigh = Array.FindIndex(ports, port => port > IPEndPoint.MaxPort);
        return tooHigh < 0
            ? ports
            : throw CliException.Usage(
                $"{option} {first} and --port-step {step} put {Name(tooHigh)} at port {ports[tooHigh]}, above {IPEndPoint.MaxPort}; use a smaller --port-step, such as 10");
    }

    private static ClusterFile Continue(UpSettings settings, ClusterFile existing)
    {
        string directory = settings.DataDirectory;
        if (settings.Nodes is int nodes && nodes != existing.Nodes.Count)
        {
            throw new CliException(
                $"{directory} holds a cluster of {existing.Nodes.Count} nodes, not {nodes}: use --nodes {existing.Nodes.Count}, or another --data-dir for a new cluster");
        }

        if (settings.Protocol is string protocol && protocol != existing.Protocol)
        {
            throw new CliException(
                $"{directory} holds a {existing.Protocol} cluster, not {protocol}: use --protocol {existing.Protocol}, or another --data-dir for a new cluster");
        }

        CheckPort("--client-port", settings.ClientPort, existing, node => node.ClientUrl);
        CheckPort("--peer-port", settings.PeerPort, existing, node => node.PeerUrl);
        if (settings.PortStep is int step && existing.Nodes.Count > 1 && StepOf(existing) != step)
        {
            throw new CliException($"{directory} holds a cluster with --port-step {StepOf(existing)}, not {step}: use that, or another --data-dir");
        }

        return settings.Extra.Count == 0 ? existing : existing with
        {
            Nodes = [.. existing.Nodes.Select(node => node with { Args = [.. WithoutExtra(node.Args), .. settings.Extra] })],
        };
    }

    private static void CheckPort(string option, int? said, ClusterFile existing, Func<ClusterNode, string> url)
    {
        int actual = new Uri(url(existing.Nodes[0])).Port;
        if (said is int port && port != actual)
        {
            throw new CliException($"this cluster's {option} is {actual}, not {port}: use that, or another --data-dir for a new cluster");
        }
    }

    private static int StepOf(ClusterFile file) => new Uri(file.Nodes[1].ClientUrl).Port - new Uri(file.Nodes[0].ClientUrl).Port;

    /// <summary>The protocol is the last of our own arguments.</summary>
    private static IEnumerable<string> WithoutExtra(IReadOnlyList<string> args)
    {
        int own = args.ToList().IndexOf("--protocol") + 2;
        return args.Take(own);
    }
}
