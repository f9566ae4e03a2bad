using System.CommandLine;
using System.Text;
using Quorate.Cli.Shell;
using Quorate.Client;

namespace Quorate.Cli.Commands;

internal static class PutCommand
{
    /// <summary>Larger values no server takes.</summary>
    private const int MostValueBytes = 64 * 1024 * 1024;

    public static Command Create(Terminal terminal)
    {
        ClientOptions client = new();
        Argument<string> key = new("KEY") { Description = "The key." };
        Argument<string?> value = new("VALUE") { Description = "The value; read from standard input when absent.", Arity = ArgumentArity.ZeroOrOne };
        Option<long> lease = LeaseCommand.LeaseOption("--lease", "The lease that the key hangs on.");
        Option<bool> previous = LayeredOption.Switch("--prev-kv", "Prints the value that stood there before.");
        Command command = new("put", "Writes a key.") { key, value, lease, previous };
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            byte[] bytes = result.GetValue(value) is string text ? Encoding.UTF8.GetBytes(text) : await ReadInputAsync(stop).ConfigureAwait(false);
            await using QuorateClient connection = client.Connect(result);
            PutOptions options = new() { LeaseId = result.GetValue(lease), ReturnPrevious = result.GetValue(previous) };
            PutResult put = await connection.PutAsync(Encoding.UTF8.GetBytes(result.GetValue(key)!), bytes, options, stop).ConfigureAwait(false);
            terminal.Out.WriteLine("OK");
            if (put.Previous is not null)
            {
                terminal.Out.WriteLine(put.Previous.ValueText);
            }

            return ExitCode.Done;
        });
        return command.WithExamples(
            "./quorate put greeting hello",
            "./quorate put config/app --prev-kv < app.json",
            "./quorate put session alive --lease 694d77aa9e38260f");
    }

    private static async Task<byte[]> ReadInputAsync(CancellationToken stop)
    {
        using MemoryStream bytes = new();
        using Stream input = Console.OpenStandardInput();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await input.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MostValueBytes)
            {
                throw new CliException($"the value on standard input is larger than {MostValueBytes} bytes");
            }
        }

        return bytes.ToArray();
    }
}
