using System.CommandLine;
using Quorate.Cli.Shell;
using Quorate.Cli.Txn;
using Quorate.Client;

namespace Quorate.Cli.Commands;

internal static class TxnCommand
{
    private const int MostLines = 10_000;

    public static Command Create(Terminal terminal)
    {
        ClientOptions client = new();
        Command command = new(
            "txn",
            "Carries out a transaction read from standard input: comparisons, an empty line, operations for when all hold, an empty line, operations for when one does not. Prints SUCCESS or FAILURE and the results.");
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            (Condition[] when, Operation[] then, Operation[] otherwise) = Read(terminal);
            await using QuorateClient connection = client.Connect(result);
            TxnResult done = await connection.Txn().When(when).Then(then).Else(otherwise).CommitAsync(stop).ConfigureAwait(false);
            Print(terminal, done);
            return ExitCode.Done;
        });
        return command.WithExamples(
            "printf 'version(\"job\") = \"0\"\\n\\nput job taken\\n\\nget job\\n' | ./quorate txn",
            "Comparisons: value(\"k\") = \"v\" · version, create, mod, lease · with =, !=, <, >",
            "Operations:  put KEY VALUE · get KEY [END|--prefix] · del KEY [END|--prefix]");
    }

    private static (Condition[] When, Operation[] Then, Operation[] Else) Read(Terminal terminal)
    {
        if (!Console.IsInputRedirected)
        {
            terminal.Say("Comparisons, an empty line, operations for when all hold, an empty line, operations for when one does not; then Ctrl-D:");
        }

        List<string> lines = [];
        while (Console.In.ReadLine() is string line)
        {
            lines.Add(line);
            if (lines.Count > MostLines)
            {
                throw CliException.Usage($"a transaction of more than {MostLines} lines");
            }
        }

        try
        {
            return TxnText.Parse(lines);
        }
        catch (FormatException exception)
        {
            throw CliException.Usage(exception.Message);
        }
    }

    private static void Print(Terminal terminal, TxnResult done)
    {
        terminal.Out.WriteLine(done.Succeeded ? "SUCCESS" : "FAILURE");
        foreach (OperationResult result in done.Results)
        {
            terminal.Out.WriteLine();
            switch (result)
            {
                case RangeResult range:
                    foreach (KeyValue item in range.KeyValues)
                    {
                        GetCommand.Print(terminal, item);
                    }

                    break;
                case DeleteResult deleted:
                    terminal.Out.WriteLine(deleted.Deleted);
                    break;
                default:
                    terminal.Out.WriteLine("OK");
                    break;
            }
        }
    }
}
