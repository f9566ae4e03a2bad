using System.CommandLine;
using Quorate.Cli.Shell;
using Quorate.Client;

namespace Quorate.Cli.Commands;

internal static class WatchCommand
{
    public static Command Create(Terminal terminal)
    {
        ClientOptions client = new();
        RangeArguments range = new();
        Option<long> revision = LayeredOption.Long("--rev", "The first revision to see; 0 is from now on.", 0, 0, long.MaxValue, "REVISION");
        Option<bool> previous = LayeredOption.Switch("--prev-kv", "Prints what stood there before, too.");
        Option<long> count = LayeredOption.Long("--count", "Ends after so many changes; 0 is never.", 0, 0, long.MaxValue);
        Command command = new(
            "watch",
            "Prints every change once and in order, as three lines: PUT or DELETE, key, value. Goes on behind the last change seen when a server dies.");
        range.AddTo(command);
        command.Options.Add(revision);
        command.Options.Add(previous);
        command.Options.Add(count);
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            WatchOptions options = new() { StartRevision = result.GetValue(revision), ReturnPrevious = result.GetValue(previous) };
            long left = result.GetValue(count);
            await foreach (WatchEvent item in connection.WatchEventsAsync(range.Read(result), options, stop).ConfigureAwait(false))
            {
                Print(terminal, item);
                if (--left == 0)
                {
                    break;
                }
            }

            return ExitCode.Done;
        });
        return command.WithExamples("./quorate watch greeting", "./quorate watch --prefix config/ --rev 12", "./quorate watch ready --count 1");
    }

    private static void Print(Terminal terminal, WatchEvent item)
    {
        terminal.Out.WriteLine(item.Kind == WatchEventKind.Put ? "PUT" : "DELETE");
        if (item.Previous is not null)
        {
            GetCommand.Print(terminal, item.Previous);
        }

        GetCommand.Print(terminal, item.KeyValue);
        terminal.Out.Flush();
    }
}
