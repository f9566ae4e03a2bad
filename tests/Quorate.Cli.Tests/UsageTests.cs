using System.CommandLine;
using System.CommandLine.Help;
using Quorate.Cli.Commands;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Tests;

[Collection(nameof(EnvironmentCollection))]
public sealed class UsageTests
{
    private static RootCommand NewRoot() => Root.Create(new Terminal(TextWriter.Null, TextWriter.Null, false, false));

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.SelectMany(Leaves).Prepend(command);

    public static TheoryData<string> EveryCommand => [.. Leaves(NewRoot()).Select(PathOf)];

    private static string PathOf(Command command) =>
        command is RootCommand ? "" : $"{PathOf((Command)command.Parents.Single())} {command.Name}".Trim();

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public async Task Every_command_has_help_with_examples(string path)
    {
        (int code, string output, string error) = await CommandLine.RunAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains($"quorate {path}".Trim(), output, StringComparison.Ordinal);
        Assert.Empty(error);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("get")]
    [InlineData("get a --rev x")]
    [InlineData("get a b --prefix")]
    [InlineData("up --nodes 0")]
    [InlineData("up --protocol gossip")]
    [InlineData("serve --listen-peer nowhere")]
    [InlineData("serve --initial-cluster n1=127.0.0.1:1,n1=127.0.0.1:2")]
    [InlineData("serve --initial-cluster n2=127.0.0.1:1")]
    [InlineData("serve --initial-cluster n1=127.0.0.1:1 --join 127.0.0.1:2")]
    [InlineData("serve --election-timeout-ms 150")]
    [InlineData("serve --auto-compaction-retention 5")]
    [InlineData("bench put --total 1 --seconds 1")]
    [InlineData("bench put --endpoints ,")]
    [InlineData("sim --seed 1 --seeds 2")]
    [InlineData("lease revoke xyz")]
    [InlineData("up --nodes 9 --data-dir /nowhere/at/all")]
    public async Task What_cannot_be_understood_is_a_usage_error_that_says_why(string arguments)
    {
        (int code, string output, string error) = await CommandLine.RunAsync(arguments.Split(' '));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Empty(output);
        Assert.StartsWith("quorate", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_nobody_serves_is_unreachable()
    {
        string dead = $"127.0.0.1:{Client.Tests.EtcdServer.FreePorts().First}";
        (int code, string output, string error) = await CommandLine.RunAsync("get", "a", "--endpoints", dead, "--timeout-seconds", "0.3");
        Assert.Equal(ExitCode.Unreachable, code);
        Assert.Empty(output);
        Assert.Contains(dead, error, StringComparison.Ordinal);

        (int status, string table, _) = await CommandLine.RunAsync("status", "--endpoints", dead, "--timeout-seconds", "0.3");
        Assert.Equal(ExitCode.Unreachable, status);
        Assert.Contains("unreachable", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_is_interrupted_says_so_in_its_exit_code()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(200));
        string dead = $"127.0.0.1:{Client.Tests.EtcdServer.FreePorts().First}";
        (int code, _, _) = await CommandLine.RunAsync(stop.Token, "watch", "a", "--endpoints", dead);
        Assert.Equal(ExitCode.Interrupted, code);
    }

    [Fact]
    public void An_option_comes_from_the_flag_then_the_environment_then_the_file_then_its_default()
    {
        string file = Path.GetTempFileName();
        try
        {
            Option<int> option = LayeredOption.Integer("--port-step", "x", 1, 0, 100);
            RootCommand root = [option, LayeredOption.Config];
            File.WriteAllText(file, """{ "port-step": 2, "endpoints": ["a", "b"] }""");
            Assert.Equal(1, root.Parse([]).GetValue(option));
            Assert.False(LayeredOption.IsSaid(root.Parse([]), option));
            Assert.Equal(2, root.Parse(["--config", file]).GetValue(option));
            Assert.True(LayeredOption.IsSaid(root.Parse(["--config", file]), option));
            Environment.SetEnvironmentVariable("QUORATE_PORT_STEP", "3");
            Assert.Equal(3, root.Parse(["--config", file]).GetValue(option));
            Assert.True(LayeredOption.IsSaid(root.Parse([]), option));
            Assert.Equal(4, root.Parse(["--config", file, "--port-step", "4"]).GetValue(option));
            Assert.Equal("a,b", ConfigFile.Read(file).Find("endpoints"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("QUORATE_PORT_STEP", null);
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("""{ "misspelt": 1 }""", "misspelt")]
    [InlineData("""[1]""", "object")]
    [InlineData("""{ "rev": """, "JSON")]
    [InlineData("""{ "rev": "x" }""", "whole number")]
    public async Task A_configuration_file_that_is_wrong_is_a_usage_error(string text, string expected)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
            (int code, _, string error) = await CommandLine.RunAsync("get", "a", "--config", file);
            Assert.Equal(ExitCode.Usage, code);
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Every_option_says_what_it_is_for()
    {
        Assert.All(Leaves(NewRoot()).SelectMany(command => command.Options).Where(option => option is not HelpOption), option => Assert.False(string.IsNullOrEmpty(option.Description)));
        Assert.All(Leaves(NewRoot()).SelectMany(command => command.Arguments), argument => Assert.False(string.IsNullOrEmpty(argument.Description)));
    }
}
