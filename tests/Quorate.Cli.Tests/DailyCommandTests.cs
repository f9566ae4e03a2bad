using System.Text.Json;
using Quorate.Cli.Shell;
using Quorate.Client.Tests;

namespace Quorate.Cli.Tests;

/// <summary>The daily commands against a real etcd.</summary>
[Collection(nameof(EnvironmentCollection))]
public sealed class DailyCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<string> RunAsync(EtcdServer server, params string[] arguments)
    {
        int end = Array.IndexOf(arguments, "--");
        string[] endpoint = ["--endpoints", server.Url.ToString()];
        (int code, string output, string error) = await CommandLine.RunAsync(
            Token, end < 0 ? [.. arguments, .. endpoint] : [.. arguments[..end], .. endpoint, .. arguments[end..]]);
        Assert.True(code == ExitCode.Done, $"exit code {code}: {error}");
        return output;
    }

    [Fact]
    public async Task Keys_are_put_got_watched_and_deleted()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        Assert.Equal("OK\n", await RunAsync(server, "put", "a/1", "one"));
        Assert.Equal("OK\none\n", await RunAsync(server, "put", "a/1", "uno", "--prev-kv"));
        await RunAsync(server, "put", "a/2", "two");
        Assert.Equal("a/1\nuno\na/2\ntwo\n", await RunAsync(server, "get", "--prefix", "a/"));
        Assert.Equal("one\n", await RunAsync(server, "get", "a/1", "--rev", "2", "--print-value-only"));
        Assert.Equal("a/1\na/2\n", await RunAsync(server, "get", "", "--prefix", "--keys-only", "--serializable"));
        Assert.Equal("2\n", await RunAsync(server, "get", "a/", "a/9", "--count-only"));
        Assert.Equal("2\na/1\nuno\na/2\ntwo\n", await RunAsync(server, "del", "--prefix", "a/", "--prev-kv"));
        Assert.Equal("PUT\na/1\none\nPUT\na/1\nuno\nDELETE\na/1\n\n", await RunAsync(server, "watch", "a/1", "--rev", "1", "--count", "3"));
    }

    [Fact]
    public async Task Leases_are_granted_used_renewed_and_revoked()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        Assert.Equal("00000000000000ab 60\n", await RunAsync(server, "lease", "grant", "60", "--id", "ab"));
        await RunAsync(server, "put", "k", "v", "--lease", "ab");
        Assert.Equal("00000000000000ab\n", await RunAsync(server, "lease", "list"));
        Assert.Equal("60\n", await RunAsync(server, "lease", "keepalive", "ab", "--once"));
        Assert.EndsWith(" 60\nk\n", await RunAsync(server, "lease", "timetolive", "ab", "--keys"), StringComparison.Ordinal);
        await RunAsync(server, "lease", "revoke", "ab");
        Assert.Empty(await RunAsync(server, "get", "k"));
        (int code, _, string error) = await CommandLine.RunAsync(Token, "lease", "keepalive", "ab", "--once", "--endpoints", server.Url.ToString());
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("00000000000000ab", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_runs_under_a_lock_with_its_token_and_its_exit_code_is_kept()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        string file = Path.GetTempFileName();
        try
        {
            await RunAsync(server, "lock", "l", "--", "/bin/sh", "-c", $"echo $QUORATE_FENCING_TOKEN $QUORATE_LOCK_KEY > {file}");
            string[] words = (await File.ReadAllTextAsync(file, Token)).Split(' ');
            Assert.True(long.Parse(words[0]) > 1);
            Assert.StartsWith("l/", words[1], StringComparison.Ordinal);
            (int code, _, _) = await CommandLine.RunAsync(Token, "lock", "l", "--endpoints", server.Url.ToString(), "--", "/bin/sh", "-c", "exit 5");
            Assert.Equal(5, code);
            Assert.Empty(await RunAsync(server, "get", "--prefix", "l/"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_transaction_is_read_from_standard_input()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        TextReader before = Console.In;
        try
        {
            const string Text = "version(\"job\") = \"0\"\n\nput job taken\n\nget job\n";
            Console.SetIn(new StringReader(Text));
            Assert.Equal("SUCCESS\n\nOK\n", await RunAsync(server, "txn"));
            Console.SetIn(new StringReader(Text));
            Assert.Equal("FAILURE\n\njob\ntaken\n", await RunAsync(server, "txn"));
        }
        finally
        {
            Console.SetIn(before);
        }
    }

    [Fact]
    public async Task Status_is_one_document_on_standard_output()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        using JsonDocument document = JsonDocument.Parse(await RunAsync(server, "status", "--json"));
        JsonElement row = document.RootElement.GetProperty("endpoints")[0];
        Assert.Equal(Documentation.FieldsOf("status --json, endpoints"), row.EnumerateObject().Select(item => item.Name));
        Assert.Equal(("leader", "solo"), (row.GetProperty("role").GetString(), row.GetProperty("leader").GetString()));
    }

    [Theory]
    [InlineData("put", "--total", "200")]
    [InlineData("range", "--total", "200")]
    [InlineData("txn", "--total", "200")]
    [InlineData("mixed", "--seconds", "0.5")]
    [InlineData("watch", "--total", "100")]
    public async Task A_load_runs_and_reports_itself_in_one_document(string kind, string limit, string amount)
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        string[] watch = kind == "watch" ? ["--watchers", "30", "--rate", "500"] : [];
        string output = await RunAsync(
            server,
            ["bench", kind, limit, amount, "--conns", "3", "--clients", "20", "--keys", "10", "--warmup-seconds", "0.1", "--pids", $"{server.Pid}", "--json", .. watch]);

        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement root = document.RootElement;
        Assert.Equal(Documentation.FieldsOf("bench --json"), root.EnumerateObject().Select(item => item.Name));
        Assert.Equal(0, root.GetProperty("errors").GetInt64());
        Assert.InRange(root.GetProperty("p50Ms").GetDouble(), 0.001, root.GetProperty("p999Ms").GetDouble());
        if (limit == "--total")
        {
            Assert.Equal(long.Parse(amount), root.GetProperty("operations").GetInt64());
        }

        if (kind == "watch")
        {
            JsonElement seen = root.GetProperty("watch");
            Assert.Equal(Documentation.FieldsOf("bench --json, watch"), seen.EnumerateObject().Select(item => item.Name));
            Assert.Equal((0L, 0L), (seen.GetProperty("lost").GetInt64(), seen.GetProperty("outOfOrder").GetInt64()));
            Assert.Equal(300, seen.GetProperty("events").GetInt64());
        }
    }

    [Fact]
    public async Task A_load_on_a_server_that_dies_counts_errors_and_ends()
    {
        await using EtcdServer server = await EtcdServer.StartAsync(Token);
        Task<(int Code, string Out, string Error)> running = CommandLine.RunAsync(
            Token, "bench", "put", "--seconds", "2", "--conns", "2", "--clients", "10", "--warmup-seconds", "0.1", "--json", "--endpoints", server.Url.ToString());
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        await server.KillAsync();
        using JsonDocument document = JsonDocument.Parse((await running).Out);
        Assert.True(document.RootElement.GetProperty("errors").GetInt64() > 0);
        Assert.NotEmpty(document.RootElement.GetProperty("errorMessages")[0].GetProperty("message").GetString()!);
    }
}
