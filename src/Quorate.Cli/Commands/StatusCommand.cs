using System.CommandLine;
using System.Text.Json;
using Quorate.Cli.Shell;
using Quorate.Client;
using Spectre.Console;

namespace Quorate.Cli.Commands;

/// <summary>One endpoint in the document of <c>status --json</c>.</summary>
internal sealed record StatusRow(
    string Endpoint,
    string Name,
    string Id,
    string ClusterId,
    string Role,
    string Leader,
    ulong Term,
    ulong Index,
    ulong Applied,
    long Revision,
    long DbSizeBytes,
    long DbSizeInUseBytes,
    string Version,
    IReadOnlyList<string> Alarms,
    string? Error);

/// <summary>The document of <c>status --json</c>.</summary>
internal sealed record StatusDocument(IReadOnlyList<StatusRow> Endpoints);

internal static class StatusCommand
{
    private static readonly TimeSpan RefreshPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(5);

    public static Command Create(Terminal terminal)
    {
        ClientOptions client = new();
        Option<bool> watch = LayeredOption.Switch("--watch", "Stays and shows changes, once a second.");
        Option<bool> json = JsonOption();
        Command command = new("status", "Shows every endpoint: who leads, and how far each one is. Exit code 3 when none can be reached or nobody leads.")
        {
            watch, json,
        };
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            TimeSpan timeout = client.TimeoutOf(result) < LongestAttempt ? client.TimeoutOf(result) : LongestAttempt;
            if (result.GetValue(watch))
            {
                await WatchAsync(terminal, connection, timeout, stop).ConfigureAwait(false);
            }

            IReadOnlyList<StatusRow> rows = await AskAsync(connection, timeout, stop).ConfigureAwait(false);
            if (result.GetValue(json))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(new StatusDocument(rows), CliJson.Default.StatusDocument));
            }
            else
            {
                terminal.OutConsole.Write(TableOf(rows, terminal.OutIsTerminal));
            }

            foreach (StatusRow failed in rows.Where(row => row.Error is not null))
            {
                terminal.Say($"{failed.Endpoint}: {failed.Error}");
            }

            return rows.Any(row => row.Leader.Length > 0) ? ExitCode.Done : ExitCode.Unreachable;
        });
        return command.WithExamples(
            "./quorate status",
            "./quorate status --endpoints 127.0.0.1:2379,127.0.0.1:12379,127.0.0.1:22379 --watch",
            "./quorate status --json | jq -r '.endpoints[] | select(.role == \"leader\") | .endpoint'");
    }

    public static Option<bool> JsonOption() => LayeredOption.Switch("--json", "Prints one JSON document on standard output, everything else on standard error.");

    private static async Task<IReadOnlyList<StatusRow>> AskAsync(QuorateClient client, TimeSpan timeout, CancellationToken stop)
    {
        (Uri Url, EndpointStatus? Status, string? Error)[] answers =
            await Task.WhenAll(client.Endpoints.Select(url => AskOneAsync(client, url, timeout, stop))).ConfigureAwait(false);
        Dictionary<ulong, string> names = [];
        foreach (EndpointStatus status in answers.Select(answer => answer.Status).OfType<EndpointStatus>())
        {
            names[status.MemberId] = status.Name;
        }

        return [.. answers.Select(answer => answer.Status is { } status
            ? Row(status, names)
            : new StatusRow(answer.Url.ToString().TrimEnd('/'), "", "", "", "unreachable", "", 0, 0, 0, 0, 0, 0, "", [], answer.Error))];
    }

    private static async Task<(Uri Url, EndpointStatus? Status, string? Error)> AskOneAsync(
        QuorateClient client, Uri url, TimeSpan timeout, CancellationToken stop)
    {
        try
        {
            return (url, await client.StatusAsync(url, timeout, stop).ConfigureAwait(false), null);
        }
        catch (QuorateException exception)
        {
            return (url, null, exception.Message);
        }
    }

    private static StatusRow Row(EndpointStatus status, Dictionary<ulong, string> names) => new(
        status.Endpoint.ToString().TrimEnd('/'),
        status.Name,
        status.MemberId.ToString("x"),
        status.ClusterId.ToString("x"),
        status.IsLeader ? "leader" : status.IsLearner ? "learner" : "follower",
        status.LeaderId == 0 ? "" : names.TryGetValue(status.LeaderId, out string? name) && name.Length > 0 ? name : status.LeaderId.ToString("x"),
        status.Term,
        status.Index,
        status.AppliedIndex,
        status.Revision,
        status.DatabaseBytes,
        status.DatabaseInUseBytes,
        status.Version,
        status.Errors,
        null);

    private static Table TableOf(IReadOnlyList<StatusRow> rows, bool onTerminal)
    {
        Table table = Terminal.NewTable(
            onTerminal, "endpoint", "name", "id", "role", "leader", "term", "index", "applied", "revision", "db size", "version", "alarm");
        foreach (StatusRow row in rows)
        {
            Terminal.AddRow(
                table, row.Endpoint, Or(row.Name), Or(row.Id), row.Role, Or(row.Leader), $"{row.Term}", $"{row.Index}", $"{row.Applied}", $"{row.Revision}",
                Size(row.DbSizeBytes), Or(row.Version), Or(string.Join("; ", row.Alarms)));
        }

        return table;
    }

    private static string Or(string text) => text.Length == 0 ? "-" : text;

    private static string Size(long bytes) => bytes switch
    {
        < 1024 * 1024 => $"{bytes / 1024.0:0.#}KiB",
        < 1024L * 1024 * 1024 => $"{bytes / 1024.0 / 1024.0:0.#}MiB",
        _ => $"{bytes / 1024.0 / 1024.0 / 1024.0:0.##}GiB",
    };

    private static async Task WatchAsync(Terminal terminal, QuorateClient client, TimeSpan timeout, CancellationToken stop)
    {
        if (!terminal.OutIsTerminal)
        {
            throw CliException.Usage("--watch needs a terminal; for scripts, ask again with --json");
        }

        Table first = TableOf(await AskAsync(client, timeout, stop).ConfigureAwait(false), onTerminal: true);
        await terminal.OutConsole.Live(first).StartAsync(async live =>
        {
            while (true)
            {
                await Task.Delay(RefreshPause, stop).ConfigureAwait(false);
                live.UpdateTarget(TableOf(await AskAsync(client, timeout, stop).ConfigureAwait(false), onTerminal: true));
            }
        }).ConfigureAwait(false);
    }
}
