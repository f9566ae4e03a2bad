using System.CommandLine;
using Quorate.Cli.Shell;
using Quorate.Client;

namespace Quorate.Cli.Commands;

internal static class DelCommand
{
    public static Command Create(Terminal terminal)
    {
        ClientOptions client = new();
        RangeArguments range = new();
        Option<bool> previous = LayeredOption.Switch("--prev-kv", "Prints what was deleted.");
        Command command = new("del", "Deletes keys; prints how many.");
        range.AddTo(command);
        command.Options.Add(previous);
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            DeleteResult deleted = await connection.DeleteAsync(range.Read(result), result.GetValue(previous), stop).ConfigureAwait(false);
            terminal.Out.WriteLine(deleted.Deleted);
            foreach (KeyValue item in deleted.Previous)
            {
                GetCommand.Print(terminal, item);
            }

            return ExitCode.Done;
        });
        return command.WithExamples("./quorate del greeting", "./quorate del --prefix session/", "./quorate del a c              (a and b, not c)");
    }
}
