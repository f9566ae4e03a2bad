using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Quorate.Cli.Bench;
using Quorate.Cli.Shell;
using Spectre.Console;

namespace Quorate.Cli.Commands;

internal static class BenchCommand
{
    private const int DefaultConnections = 100;
    private const int DefaultClients = 1000;
    private const double DefaultSeconds = 10;
    private const double DefaultWarmUpSeconds = 1;
    private const double DefaultWatchRate = 1000;

    public static Command Create(Terminal terminal)
    {
        Command command = new("bench", "Puts a load on any etcd v3 server and measures it.")
        {
            Load(terminal, BenchKind.Put, "Writes keys."),
            Load(terminal, BenchKind.Range, "Reads one key at a time, linearizably unless said otherwise."),
            Load(terminal, BenchKind.Txn, "Compares and writes in one transaction."),
            Load(terminal, BenchKind.Watch, "Writes at a rate and measures until every watcher has seen it; checks that each event comes once and in order."),
            Load(terminal, BenchKind.Mixed, "80 % reads, 20 % writes."),
        };
        return command.WithExamples(Examples);
    }

    private static string[] Examples =>
    [
        "./quorate bench put --conns 100 --clients 1000 --seconds 10",
        "./quorate bench put --conns 1 --clients 1 --total 5000 --json | jq .p50Ms",
        "./quorate bench range --keys 1 --endpoints 127.0.0.1:2379,127.0.0.1:12379,127.0.0.1:22379 --pids 4711,4712,4713",
        "./quorate bench watch --watchers 10000 --keys 10000 --conns 100 --rate 1000 --seconds 10",
    ];

    private static Command Load(Terminal terminal, BenchKind kind, string description)
    {
        Settings options = new();
        Option<bool> json = StatusCommand.JsonOption();
        Command command = new(kind.ToString().ToLowerInvariant(), description);
        options.AddTo(command);
        command.Options.Add(json);
        command.SetRun(terminal, async (result, stop) =>
        {
            Platform.Check();
            BenchReport report = await BenchRunner.RunAsync(options.Read(result, kind), terminal, stop).ConfigureAwait(false);
            if (result.GetValue(json))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(report, CliJson.Default.BenchReport));
            }
            else
            {
                Print(terminal, report);
            }

            foreach (BenchError error in report.ErrorMessages)
            {
                terminal.Say($"{error.Count} × {error.Message}");
            }

            bool isBroken = report.Watch is { Lost: > 0 } or { OutOfOrder: > 0 };
            return report.Operations == 0 || isBroken ? ExitCode.Failed : ExitCode.Done;
        });
        return command.WithExamples([.. Examples.Where(example => example.Contains($"bench {command.Name} ", StringComparison.Ordinal)).DefaultIfEmpty($"./quorate bench {command.Name} --conns 10 --clients 100 --seconds 5")]);
    }

    private static void Print(Terminal terminal, BenchReport report)
    {
        Table table = Terminal.NewTable(terminal.OutIsTerminal, report.Workload, "");
        Terminal.AddRow(table, "operations", $"{report.Operations} in {report.Seconds:0.0} s");
        Terminal.AddRow(table, "a second", $"{report.OperationsPerSecond:0}");
        Terminal.AddRow(table, "errors", $"{report.Errors}");
        Terminal.AddRow(table, "p50 / p99 / p99.9 / max", $"{report.P50Ms:0.00} / {report.P99Ms:0.00} / {report.P999Ms:0.00} / {report.MaxMs:0.00} ms");
        if (report.ServerCpuUsPerOperation is double server)
        {
            Terminal.AddRow(table, "server CPU per operation", $"{server:0.0} µs");
        }

        Terminal.AddRow(table, "client CPU per operation", $"{report.ClientCpuUsPerOperation:0.0} µs");
        if (report.Watch is { } watch)
        {
            Terminal.AddRow(table, "events", $"{watch.Events}, {watch.EventsPerSecond:0} a second");
            Terminal.AddRow(table, "lost / out of order", $"{watch.Lost} / {watch.OutOfOrder}");
        }

        terminal.OutConsole.Write(table);
    }

    private sealed class Settings
    {
        private readonly ClientOptions _client = new();
        private readonly Option<int> _connections = LayeredOption.Integer("--conns", "Connections.", DefaultConnections, 1, 10_000, "C");
        private readonly Option<int> _clients = LayeredOption.Integer("--clients", "Requests in flight, all connections together.", DefaultClients, 1, 100_000);
        private readonly Option<long?> _total = LayeredOption.Create<long?>("--total", "So many requests, instead of a time.", null, text => Values.Integer(text, 1, 1L << 40), "T");
        private readonly Option<double> _seconds = LayeredOption.Create("--seconds", "How long to measure.", DefaultSeconds, Values.Positive, "S");
        private readonly Option<double> _warmUp = LayeredOption.Create("--warmup-seconds", "Load before anything is measured.", DefaultWarmUpSeconds, text => text == "0" ? 0 : Values.Positive(text), "S");
        private readonly Option<double?> _rate = LayeredOption.Create<double?>("--rate", "Requests a second; times count from when a request was due. As fast as answers come unless said; watch writes 1000 a second.", null, text => Values.Positive(text), "R");
        private readonly Option<int> _valueSize = LayeredOption.Integer("--value-size", "Bytes of a value.", 256, Requests.StampBytes, 60_000, "B");
        private readonly Option<int> _keys = LayeredOption.Integer("--keys", "How many keys.", 10_000, 1, 1_000_000_000, "K");
        private readonly Option<int> _watchers = LayeredOption.Integer("--watchers", "How many watchers; they are spread over the keys.", 1000, 1, 10_000_000, "W");
        private readonly Option<bool> _watchPrefix = LayeredOption.Switch("--watch-prefix", "Every watcher watches all keys.");
        private readonly Option<bool> _sequential = LayeredOption.Switch("--sequential-keys", "Keys one after the other instead of at random.");
        private readonly Option<bool> _serializable = LayeredOption.Switch("--serializable", "Reads answered from what the endpoint has.");
        private readonly Option<bool> _leaderOnly = LayeredOption.Switch("--leader-only", "All connections to the leader.");
        private readonly Option<IReadOnlyList<int>> _pids = LayeredOption.Create<IReadOnlyList<int>>("--pids", "The servers' process ids, to measure their CPU time.", [], Pids, "P,…");

        public void AddTo(Command command)
        {
            command.Options.Add(_client.Endpoints);
            foreach (Option option in new Option[]
            {
                _connections, _clients, _total, _seconds, _warmUp, _rate, _valueSize, _keys, _watchers, _watchPrefix, _sequential, _serializable,
                _leaderOnly, _pids,
            })
            {
                command.Options.Add(option);
            }
        }

        public BenchSettings Read(ParseResult result, BenchKind kind)
        {
            long? total = result.GetValue(_total);
            if (total is not null && LayeredOption.IsSaid(result, _seconds))
            {
                throw CliException.Usage("--total and --seconds say different things: give one of them");
            }

            return new BenchSettings(
                kind,
                result.GetValue(_client.Endpoints)!,
                result.GetValue(_connections),
                result.GetValue(_clients),
                total,
                total is null ? TimeSpan.FromSeconds(result.GetValue(_seconds)) : null,
                TimeSpan.FromSeconds(result.GetValue(_warmUp)),
                result.GetValue(_rate) ?? (kind == BenchKind.Watch ? DefaultWatchRate : null),
                result.GetValue(_valueSize),
                result.GetValue(_keys),
                result.GetValue(_watchers),
                result.GetValue(_watchPrefix),
                result.GetValue(_sequential),
                result.GetValue(_serializable),
                result.GetValue(_leaderOnly),
                result.GetValue(_pids)!);
        }

        private static int[] Pids(string text) => [.. Values.Parts(text).Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0
                ? pid
                : throw new FormatException($"'{part}' is not a process id"))];
    }
}
