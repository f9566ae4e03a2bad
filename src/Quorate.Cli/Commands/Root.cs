using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Commands;

/// <summary>The whole command line; the contract is docs/cli.md.</summary>
internal static class Root
{
    public static RootCommand Create(Terminal terminal)
    {
        RootCommand root = new("Quorate: a replicated store that etcd's clients can use.");
        root.Options.Add(LayeredOption.Config);
        foreach (Command command in Commands(terminal))
        {
            root.Subcommands.Add(command);
        }

        root.WithExamples(
            "./quorate up                              three nodes on this machine, until Ctrl-C",
            "./quorate put greeting hello              (or: etcdctl put greeting hello)",
            "./quorate get greeting",
            "./quorate COMMAND --help                  every command has examples");
        Help.Install(root);
        return root;
    }

    /// <summary>Runs one command line and gives its exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken stop)
    {
        RootCommand root = Create(terminal);
        ParseResult result = root.Parse(arguments);
        if (result.Action is ParseErrorAction or null)
        {
            return ReportUsage(result, [.. result.Errors.Select(error => error.Message)], terminal);
        }

        if (CheckConfig(root, result) is string wrong)
        {
            return ReportUsage(result, [wrong], terminal);
        }

        InvocationConfiguration configuration = new()
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = terminal.Out,
            Error = terminal.Error,
        };
        return await result.InvokeAsync(configuration, stop).ConfigureAwait(false);
    }

    private static IEnumerable<Command> Commands(Terminal terminal) =>
    [
        UpCommand.Create(terminal),
        DownCommand.Create(terminal),
        ServeCommand.Create(terminal),
        StatusCommand.Create(terminal),
        GetCommand.Create(terminal),
        PutCommand.Create(terminal),
        DelCommand.Create(terminal),
        WatchCommand.Create(terminal),
        LeaseCommand.Create(terminal),
        LockCommand.Create(terminal),
        TxnCommand.Create(terminal),
        BenchCommand.Create(terminal),
        SimCommand.Create(terminal),
    ];

    private static int ReportUsage(ParseResult result, string[] errors, Terminal terminal)
    {
        foreach (string error in errors)
        {
            terminal.Say($"quorate: {error}");
        }

        List<string> path = [];
        for (System.CommandLine.Parsing.SymbolResult? at = result.CommandResult; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command)
            {
                path.Insert(0, command.Command.Name + " ");
            }
        }

        terminal.Say($"See: quorate {string.Concat(path)}--help");
        return ExitCode.Usage;
    }

    /// <summary>A misspelt name in a configuration file must not pass in silence.</summary>
    private static string? CheckConfig(RootCommand root, ParseResult result)
    {
        try
        {
            if (result.GetValue(LayeredOption.Config) is not { Length: > 0 } path)
            {
                return null;
            }

            HashSet<string> known = [.. OptionNames(root)];
            string? unknown = ConfigFile.Read(path).Names.FirstOrDefault(name => !known.Contains(name));
            return unknown is null ? null : $"{path}: no command has an option --{unknown}";
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    private static IEnumerable<string> OptionNames(Command command) =>
        command.Options.Where(option => option is not HelpOption).Select(option => option.Name.TrimStart('-'))
            .Concat(command.Subcommands.SelectMany(OptionNames));
}
