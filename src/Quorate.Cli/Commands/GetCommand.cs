using System.CommandLine;
using Quorate.Cli.Shell;
using Quorate.Client;

namespace Quorate.Cli.Commands;

internal static class GetCommand
{
    public static Command Create(Terminal terminal)
    {
        ClientOptions client = new();
        RangeArguments range = new();
        Option<long> revision = LayeredOption.Long("--rev", "The state at this revision; 0 is the present one.", 0, 0, long.MaxValue, "REVISION");
        Option<long> limit = LayeredOption.Long("--limit", "At most so many keys; 0 is all.", 0, 0, long.MaxValue);
        Option<bool> serializable = LayeredOption.Switch("--serializable", "Answered from what the endpoint has, which may be old; works without a leader.");
        Option<bool> keysOnly = LayeredOption.Switch("--keys-only", "Prints the keys only.");
        Option<bool> valuesOnly = LayeredOption.Switch("--print-value-only", "Prints the values only.");
        Option<bool> countOnly = LayeredOption.Switch("--count-only", "Prints how many there are.");
        Command command = new("get", "Reads keys; prints a line with the key and a line with the value. Reads are linearizable unless said otherwise.");
        range.AddTo(command);
        foreach (Option option in new Option[] { revision, limit, serializable, keysOnly, valuesOnly, countOnly })
        {
            command.Options.Add(option);
        }

        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            RangeOptions options = new()
            {
                Revision = result.GetValue(revision),
                Limit = result.GetValue(limit),
                IsSerializable = result.GetValue(serializable),
                KeysOnly = result.GetValue(keysOnly),
                CountOnly = result.GetValue(countOnly),
            };
            RangeResult found = await connection.RangeAsync(range.Read(result), options, stop).ConfigureAwait(false);
            if (options.CountOnly)
            {
                terminal.Out.WriteLine(found.Count);
            }

            foreach (KeyValue item in found.KeyValues)
            {
                Print(terminal, item, withKey: !result.GetValue(valuesOnly), withValue: !options.KeysOnly);
            }

            return ExitCode.Done;
        });
        return command.WithExamples(
            "./quorate get greeting",
            "./quorate get --prefix config/ --keys-only",
            "./quorate get greeting --rev 7 --print-value-only");
    }

    public static void Print(Terminal terminal, KeyValue item, bool withKey = true, bool withValue = true)
    {
        if (withKey)
        {
            terminal.Out.WriteLine(item.KeyText);
        }

        if (withValue)
        {
            terminal.Out.WriteLine(item.ValueText);
        }
    }
}
