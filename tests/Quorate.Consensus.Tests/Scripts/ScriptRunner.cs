using System.Globalization;
using System.Text;

namespace Quorate.Consensus.Tests;

/// <summary>
/// Runs a script: lines that begin with "> " are commands, lines that begin with "#" are words to the reader, all else is
/// the trace that the commands before it left.
/// </summary>
/// <remarks>
/// Nothing happens by itself: <c>deliver</c> moves messages, <c>durable</c> flushes disks, <c>tick</c> moves clocks. The other
/// commands are in <see cref="Execute"/>. After each input to a node its protocol is flushed, as a driver does.
/// </remarks>
internal sealed class ScriptRunner
{
    private readonly List<string> _trace = [];
    private TestCluster? _cluster;

    private TestCluster Cluster => _cluster ?? throw new InvalidOperationException("a script begins with 'cluster'");

    public string Run(string script)
    {
        StringBuilder output = new();
        foreach (string line in script.Split('\n'))
        {
            if (line.StartsWith('#') || line.Length == 0)
            {
                output.Append(line).Append('\n');
            }
            else if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                output.Append(line).Append('\n');
                _trace.Clear();
                try
                {
                    Execute(line[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
                }
                catch (Exception failure) when (failure is OracleException or InvariantException)
                {
                    _trace.Add($"  BROKEN {failure.Message}");
                }

                _trace.ForEach(traced => output.Append(traced).Append('\n'));
            }
        }

        return output.ToString().TrimEnd('\n') + "\n";
    }

    private void Execute(string[] words)
    {
        string[] rest = words[1..];
        switch (words[0])
        {
            case "cluster":
                Create(rest);
                return;
            case "quiet":
                // The same command without its trace: for what other scripts show already.
                Execute(rest);
                _trace.Clear();
                return;
            case "heal":
                Cluster.Heal();
                return;
            case "settle":
                Settle();
                return;
            case "deliver":
                Deliver(rest, keep: false);
                return;
            case "repeat":
                Deliver(rest, keep: true);
                return;
            case "drop":
                Cluster.Network.RemoveAll(transit => rest.Length == 0 || Link(transit) == rest[0]);
                return;
            case "network":
                Cluster.Network.ForEach(transit =>
                    _trace.Add($"  {Link(transit)} {TraceText.Of((RaftMessage)RaftCodec.Decode(transit.Bytes))}"));
                return;
            case "logs":
                Logs();
                return;
        }

        foreach (TestNode node in rest[0] == "all" ? Cluster.Nodes : [Node(rest[0])])
        {
            ExecuteAt(node, words[0], rest[1..]);
            node.Protocol?.Flush();
        }

        Cluster.Oracle.CheckState();
    }

    private void ExecuteAt(TestNode node, string command, string[] rest)
    {
        switch (command)
        {
            case "tick":
                Tick(node, int.Parse(rest[0], CultureInfo.InvariantCulture));
                break;
            case "timeout":
                TickUntilElection(node);
                break;
            case "durable":
                if (node.HasUnflushed)
                {
                    node.Flush(rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : node.UnflushedRecords);
                }

                break;
            case "propose":
                node.Protocol!.Propose([.. rest.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))]);
                break;
            case "awaits":
                node.Protocol!.Awaits(Node(rest[0]).Id);
                break;
            case "barrier":
                foreach (ulong id in rest.Select(text => ulong.Parse(text, CultureInfo.InvariantCulture)))
                {
                    Cluster.Oracle.OnBarrierAsked(node, id);
                    node.Protocol!.Barrier(id);
                }

                break;
            case "transfer":
                node.Protocol!.TransferTo(Node(rest[0]).Id);
                break;
            case "disconnect":
                node.Protocol!.Disconnected(Node(rest[0]).Id);
                break;
            case "crash":
                node.Crash();
                break;
            case "restart":
                node.Start();
                node.Tick(TimeSpan.Zero);
                break;
            case "isolate":
                Cluster.Isolate(node.Id);
                break;
            case "cut":
                Cluster.CutBoth(node.Id, Node(rest[0]).Id);
                break;
            case "trim":
                node.Trim(ulong.Parse(rest[0], CultureInfo.InvariantCulture));
                break;
            case "pull":
                ulong upTo = rest.Length > 1 ? ulong.Parse(rest[1], CultureInfo.InvariantCulture) : Node(rest[0]).Decided;
                node.Pull(Node(rest[0]), upTo, asSnapshot: rest.Contains("snapshot"));
                break;
            default:
                throw new InvalidOperationException($"no command is called '{command}'");
        }
    }

    private void Create(string[] words)
    {
        RaftOptions options = new() { TellInterval = TimeSpan.Zero };
        int learners = 0;
        foreach (string[] pair in words[1..].Select(word => word.Split('=')))
        {
            switch (pair[0])
            {
                case "learners":
                    learners = int.Parse(pair[1], CultureInfo.InvariantCulture);
                    break;
                case "message-bytes":
                    options = options with { MaxMessageBytes = int.Parse(pair[1], CultureInfo.InvariantCulture) };
                    break;
                case "tell-ms":
                    options = options with { TellInterval = TimeSpan.FromMilliseconds(int.Parse(pair[1], CultureInfo.InvariantCulture)) };
                    break;
                case "inflight":
                    options = options with { MaxInflightMessages = int.Parse(pair[1], CultureInfo.InvariantCulture) };
                    break;
                case "undecided-bytes":
                    options = options with { MaxUndecidedBytes = int.Parse(pair[1], CultureInfo.InvariantCulture) };
                    break;
                case "plant":
                    Assert.True(RaftPlantNames.TryParse(pair[1], out RaftPlants plant));
                    options = options with { Plants = options.Plants | plant };
                    break;
                default:
                    throw new InvalidOperationException($"no option is called '{pair[0]}'");
            }
        }

        _cluster = new TestCluster(int.Parse(words[0], CultureInfo.InvariantCulture), learners, options, seed: 1, _trace);
        foreach (TestNode node in _cluster.Nodes)
        {
            node.Tick(TimeSpan.Zero);
        }
    }

    // Clocks of nodes are their own: one may run while the others stand.
    private static void Tick(TestNode node, int milliseconds)
    {
        for (int done = 0; done < milliseconds && node.IsUp; done += 10)
        {
            node.Tick(TimeSpan.FromMilliseconds(Math.Min(10, milliseconds - done)));
            node.Protocol!.Flush();
        }
    }

    // An election timeout is drawn from [1 s, 2 s), so one must come in 2 s; a role cannot be waited for, since a candidate may retry.
    private void TickUntilElection(TestNode node)
    {
        int lines = _trace.Count;
        for (int i = 0; i < 201 && _trace.Count == lines; i++)
        {
            node.Tick(TimeSpan.FromMilliseconds(10));
        }
    }

    private void Settle()
    {
        for (int i = 0; i < 100 && (Cluster.Network.Count > 0 || Cluster.Nodes.Any(node => node.IsUp && node.HasUnflushed)); i++)
        {
            Deliver([], keep: false);
            foreach (TestNode node in Cluster.Nodes.Where(node => node.IsUp && node.HasUnflushed))
            {
                node.Flush(node.UnflushedRecords);
                node.Protocol!.Flush();
                Cluster.Oracle.CheckState();
            }
        }
    }

    // "deliver" moves everything until the network is empty; "deliver n1->n2" what is on that link now; "deliver n1->n2 1" one of it.
    private void Deliver(string[] words, bool keep)
    {
        for (int i = 0; i < 1000 && Cluster.Network.Count > 0; i++)
        {
            List<Transit> due = words.Length == 0 ? [.. Cluster.Network] : Cluster.Network.FindAll(transit => Link(transit) == words[0]);
            due = words.Length > 1 ? [due[int.Parse(words[1], CultureInfo.InvariantCulture) - 1]] : due;
            foreach (Transit transit in due)
            {
                if (!keep)
                {
                    Cluster.Network.Remove(transit);
                }

                Cluster.Deliver(transit);
                Cluster.Oracle.CheckState();
            }

            if (words.Length > 0)
            {
                return;
            }
        }
    }

    private void Logs()
    {
        foreach (TestNode node in Cluster.Nodes)
        {
            string role = node.Protocol is { } protocol ? $"{protocol.Status.Role} r{protocol.Status.Ballots.Round}" : "down";
            List<string> entries = [];
            for (ulong i = 1; i <= node.Last; i++)
            {
                entries.Add(TraceText.Of(node.At(i)));
            }

            string ends = $"decided {node.Decided} durable {node.DurableEntries.Count}";
            _trace.Add($"  {node.Name} {role} {ends}: {string.Join(' ', entries)}".TrimEnd());
        }
    }

    private string Link(Transit transit) => $"{Cluster.NameOf(transit.From)}->{Cluster.NameOf(transit.To)}";

    private TestNode Node(string name) => Cluster.Nodes.Single(node => node.Name == name);
}
