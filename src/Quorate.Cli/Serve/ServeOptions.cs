using System.CommandLine;
using System.Text.RegularExpressions;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Serve;

/// <summary>The options of <c>quorate serve</c>, and how they become settings.</summary>
internal sealed partial class ServeOptions
{
    public const string DefaultName = "n1";
    private const long DefaultQuotaBytes = 2L * 1024 * 1024 * 1024;

    /// <summary>Below this an election could start between two heartbeats that are both in time.</summary>
    private const int HeartbeatsPerElectionTimeout = 2;

    private readonly Option<string> _name = LayeredOption.Create(
        "--name", "The node's name, unique in its cluster.", DefaultName, Name, "NAME");

    private readonly Option<string?> _dataDirectory = LayeredOption.Text(
        "--data-dir", "Where the node keeps its data; ./quorate-data/NAME unless said.", null, "DIR");

    private readonly Option<Uri> _listenClient = LayeredOption.Create(
        "--listen-client", "Where clients connect.", new Uri("http://127.0.0.1:2379"), Values.ClientUrl, "URL");

    private readonly Option<HostPort> _listenPeer = LayeredOption.Create(
        "--listen-peer", "Where the other nodes connect.", new HostPort("127.0.0.1", 2380), Values.HostPort, "HOST:PORT");

    private readonly Option<Uri?> _advertiseClient = LayeredOption.Create<Uri?>(
        "--advertise-client", "The URL that clients are told; --listen-client unless said.", null, Values.ClientUrl, "URL");

    private readonly Option<HostPort?> _advertisePeer = LayeredOption.Create<HostPort?>(
        "--advertise-peer", "The address that other nodes are told; --listen-peer unless said.", null, Values.HostPort, "HOST:PORT");

    private readonly Option<IReadOnlyList<InitialMember>> _initialCluster = LayeredOption.Create<IReadOnlyList<InitialMember>>(
        "--initial-cluster", "Every founding node; this one alone unless said.", [], Members, "n1=HOST:PORT,…");

    private readonly Option<IReadOnlyList<Uri>> _join = LayeredOption.Create<IReadOnlyList<Uri>>(
        "--join", "Client URLs of a running cluster that this node was added to.", [], Values.ClientUrls, "ENDPOINTS");

    private readonly Option<string> _protocol = LayeredOption.Create(
        "--protocol", "raft, paxos or zab; for the founding only.", "raft", Protocol, "NAME");

    private readonly Option<int> _heartbeat = LayeredOption.Integer(
        "--heartbeat-interval-ms", "Time between heartbeats.", 100, 1, 60_000, "MS");

    private readonly Option<int> _election = LayeredOption.Integer(
        "--election-timeout-ms", "Time without a heartbeat before an election.", 1000, 10, 600_000, "MS");

    private readonly Option<long> _quota = LayeredOption.Long(
        "--quota-backend-bytes", "Bound on the logical size of the data.", DefaultQuotaBytes, 1024 * 1024, 1L << 50, "BYTES");

    private readonly Option<CompactionRetention> _retention = LayeredOption.Create(
        "--auto-compaction-retention", "History to keep: a time such as 30m or 1h, a count such as 10000rev, or off.",
        new CompactionRetention(TimeSpan.FromHours(1), null), Retention, "HISTORY");

    private readonly Option<LogThreshold> _logLevel = LayeredOption.Create(
        "--log-level", "trace, debug, information, warning or error.", LogThreshold.Information, Level, "LEVEL");

    private readonly Option<LogFormat> _logFormat = LayeredOption.Create(
        "--log-format", "text, or json: one object a line.", LogFormat.Text,
        text => Values.OneOf(text, "text", "json") == "json" ? LogFormat.Json : LogFormat.Text, "FORMAT");

    private readonly Option<bool> _unsafeNoFlush = LayeredOption.Switch(
        "--unsafe-no-flush", "Never waits for the disk: a power cut loses acknowledged writes. For tests.");

    public static string Protocol(string text) => Values.OneOf(text, "raft", "paxos", "zab");

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _name, _dataDirectory, _listenClient, _listenPeer, _advertiseClient, _advertisePeer, _initialCluster, _join, _protocol,
            _heartbeat, _election, _quota, _retention, _logLevel, _logFormat, _unsafeNoFlush,
        })
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="CliException">Two options contradict each other.</exception>
    public ServeSettings Read(ParseResult result)
    {
        string name = result.GetValue(_name)!;
        Uri listenClient = result.GetValue(_listenClient)!;
        HostPort listenPeer = result.GetValue(_listenPeer)!;
        HostPort advertisePeer = result.GetValue(_advertisePeer) ?? listenPeer;
        IReadOnlyList<InitialMember> members = result.GetValue(_initialCluster)!;
        ServeSettings settings = new(
            name,
            Path.GetFullPath(result.GetValue(_dataDirectory) ?? Path.Combine("quorate-data", name)),
            listenClient,
            listenPeer,
            result.GetValue(_advertiseClient) ?? listenClient,
            advertisePeer,
            members.Count > 0 ? members : [new InitialMember(name, advertisePeer)],
            result.GetValue(_join)!,
            result.GetValue(_protocol)!,
            result.GetValue(_heartbeat),
            result.GetValue(_election),
            result.GetValue(_quota),
            result.GetValue(_retention)!,
            result.GetValue(_logLevel),
            result.GetValue(_logFormat),
            result.GetValue(_unsafeNoFlush));
        Check(settings, members.Count > 0);
        return settings;
    }

    private static void Check(ServeSettings settings, bool isClusterSaid)
    {
        if (isClusterSaid && settings.Join.Count > 0)
        {
            throw CliException.Usage("--initial-cluster founds a cluster and --join joins one: give one of them");
        }

        if (settings.InitialCluster.All(member => member.Name != settings.Name))
        {
            throw CliException.Usage($"--initial-cluster does not contain this node's --name {settings.Name}");
        }

        if (settings.ElectionTimeoutMs < HeartbeatsPerElectionTimeout * settings.HeartbeatIntervalMs)
        {
            throw CliException.Usage(
                $"--election-timeout-ms {settings.ElectionTimeoutMs} must be at least twice --heartbeat-interval-ms {settings.HeartbeatIntervalMs}");
        }
    }

    private static string Name(string text) => NamePattern().IsMatch(text)
        ? text
        : throw new FormatException($"'{text}' is not a name: 1 to 64 letters, digits, '.', '_' or '-'");

    private static InitialMember[] Members(string text)
    {
        InitialMember[] members = [.. Values.Parts(text).Select(part =>
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            return equals > 0
                ? new InitialMember(Name(part[..equals]), Values.HostPort(part[(equals + 1)..]))
                : throw new FormatException($"'{part}' is not NAME=HOST:PORT");
        })];
        string? twice = members.GroupBy(member => member.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? members : throw new FormatException($"the name {twice} stands there twice");
    }

    private static CompactionRetention Retention(string text)
    {
        if (text is "off" or "0")
        {
            return new CompactionRetention(null, null);
        }

        Match match = RetentionPattern().Match(text);
        if (!match.Success)
        {
            throw new FormatException($"'{text}' is none of: a time such as 30s, 30m or 1h; a count such as 10000rev; off");
        }

        long amount = Values.Integer(match.Groups[1].Value, 1, 1_000_000_000);
        return match.Groups[2].Value switch
        {
            "s" => new CompactionRetention(TimeSpan.FromSeconds(amount), null),
            "m" => new CompactionRetention(TimeSpan.FromMinutes(amount), null),
            "h" => new CompactionRetention(TimeSpan.FromHours(amount), null),
            _ => new CompactionRetention(null, amount),
        };
    }

    private static LogThreshold Level(string text) =>
        Enum.Parse<LogThreshold>(Values.OneOf(text.ToLowerInvariant(), "trace", "debug", "information", "warning", "error"), ignoreCase: true);

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^(\d{1,10})(s|m|h|rev)$")]
    private static partial Regex RetentionPattern();
}
