using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;
using Quorate.Cli.Commands;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Tests;

public sealed partial class DocumentationTests
{
    private static RootCommand NewRoot() => Root.Create(new Terminal(TextWriter.Null, TextWriter.Null, false, false));

    private static IEnumerable<Command> Tree(Command command) => command.Subcommands.SelectMany(Tree).Prepend(command);

    public static TheoryData<string> EveryCommand => [.. NewRoot().Subcommands.Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public void Every_option_of_a_command_stands_in_its_section_and_every_one_there_exists(string name)
    {
        Command command = NewRoot().Subcommands.Single(item => item.Name == name);
        string[] real = [.. Tree(command).SelectMany(item => item.Options).Where(option => option is not HelpOption).Select(option => option.Name).Distinct().Order()];
        string[] documented = [.. OptionName().Matches(Documentation.SectionOf(name)).Select(match => match.Groups[1].Value).Distinct().Order()];
        Assert.Equal(real, documented);
    }

    [Fact]
    public void Every_section_about_a_command_is_about_one_that_exists()
    {
        string[] documented = [.. Heading().Matches(Documentation.Text).Select(match => match.Groups[1].Value).Order()];
        Assert.Equal(NewRoot().Subcommands.Select(command => command.Name).Order(), documented);
    }

    [Fact]
    public void Every_exit_code_is_documented()
    {
        foreach (int code in new[] { ExitCode.Done, ExitCode.Failed, ExitCode.Usage, ExitCode.Unreachable, ExitCode.Interrupted })
        {
            Assert.Contains($"| {code} |", Documentation.Text, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"^\| `(--[a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex OptionName();

    [GeneratedRegex(@"^## `(\w+)", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
