using System.CommandLine;
using System.Globalization;
using System.Text;
using Quorate.Cli.Shell;
using Quorate.Client;

namespace Quorate.Cli.Commands;

/// <summary>Lease ids are written in hexadecimal, as etcdctl does.</summary>
internal static class LeaseCommand
{
    private const int RenewalsPerTimeToLive = 3;

    public static Command Create(Terminal terminal)
    {
        Command command = new("lease", "Leases: what hangs on one goes with it.")
        {
            Grant(terminal), Revoke(terminal), KeepAlive(terminal), List(terminal), TimeToLive(terminal),
        };
        return command.WithExamples(
            "./quorate lease grant 60",
            "./quorate lease keepalive 694d77aa9e38260f --once",
            "./quorate lease timetolive 694d77aa9e38260f --keys");
    }

    public static Option<long> LeaseOption(string name, string description) => LayeredOption.Create(name, description, 0L, ParseId, "ID");

    private static Command Grant(Terminal terminal)
    {
        ClientOptions client = new();
        Argument<long> seconds = new("SECONDS") { Description = "How long it lives unless renewed." };
        Option<long> id = LeaseOption("--id", "Its id; the server chooses one unless said.");
        Command command = new("grant", "Grants a lease; prints its id and its time to live in seconds.") { seconds, id };
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            long wanted = result.GetValue(seconds) is > 0 and <= 9_000_000_000 and long said ? said : throw CliException.Usage("SECONDS must be between 1 and 9000000000");
            LeaseInfo lease = await connection.GrantLeaseAsync(TimeSpan.FromSeconds(wanted), result.GetValue(id), stop).ConfigureAwait(false);
            terminal.Out.WriteLine($"{lease.Id:x16} {lease.Granted.TotalSeconds:0}");
            return ExitCode.Done;
        });
        return command.WithExamples("./quorate lease grant 60", "./quorate lease grant 60 --id 1234abcd");
    }

    private static Command Revoke(Terminal terminal)
    {
        ClientOptions client = new();
        Argument<string> id = IdArgument();
        Command command = new("revoke", "Ends a lease and deletes the keys that hang on it.") { id };
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            await connection.RevokeLeaseAsync(ReadId(result, id), stop).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command.WithExamples("./quorate lease revoke 694d77aa9e38260f");
    }

    private static Command KeepAlive(Terminal terminal)
    {
        ClientOptions client = new();
        Argument<string> id = IdArgument();
        Option<bool> once = LayeredOption.Switch("--once", "Renews it one time.");
        Command command = new("keepalive", "Renews a lease until Ctrl-C; prints its time to live in seconds each time.") { id, once };
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            long leaseId = ReadId(result, id);
            while (true)
            {
                TimeSpan left = await connection.RenewLeaseAsync(leaseId, stop).ConfigureAwait(false)
                    ?? throw new CliException($"there is no lease {leaseId:x16}: it expired or was revoked");
                terminal.Out.WriteLine($"{left.TotalSeconds:0}");
                if (result.GetValue(once))
                {
                    return ExitCode.Done;
                }

                await Task.Delay(left / RenewalsPerTimeToLive, stop).ConfigureAwait(false);
            }
        });
        return command.WithExamples("./quorate lease keepalive 694d77aa9e38260f", "./quorate lease keepalive 694d77aa9e38260f --once");
    }

    private static Command List(Terminal terminal)
    {
        ClientOptions client = new();
        Command command = new("list", "Prints the ids of all leases.");
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            foreach (long leaseId in await connection.ListLeasesAsync(stop).ConfigureAwait(false))
            {
                terminal.Out.WriteLine($"{leaseId:x16}");
            }

            return ExitCode.Done;
        });
        return command.WithExamples("./quorate lease list");
    }

    private static Command TimeToLive(Terminal terminal)
    {
        ClientOptions client = new();
        Argument<string> id = IdArgument();
        Option<bool> keys = LayeredOption.Switch("--keys", "Prints the keys that hang on it, too.");
        Command command = new("timetolive", "Prints what a lease has left and what it was granted, in seconds.") { id, keys };
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            long leaseId = ReadId(result, id);
            LeaseInfo lease = await connection.GetLeaseAsync(leaseId, result.GetValue(keys), stop).ConfigureAwait(false)
                ?? throw new CliException($"there is no lease {leaseId:x16}: it expired or was revoked");
            terminal.Out.WriteLine($"{lease.Remaining.TotalSeconds:0} {lease.Granted.TotalSeconds:0}");
            foreach (ReadOnlyMemory<byte> key in lease.Keys)
            {
                terminal.Out.WriteLine(Encoding.UTF8.GetString(key.Span));
            }

            return ExitCode.Done;
        });
        return command.WithExamples("./quorate lease timetolive 694d77aa9e38260f --keys");
    }

    private static Argument<string> IdArgument() => new("ID") { Description = "The lease's id, in hexadecimal." };

    private static long ReadId(ParseResult result, Argument<string> argument)
    {
        try
        {
            return ParseId(result.GetValue(argument)!);
        }
        catch (FormatException exception)
        {
            throw CliException.Usage(exception.Message);
        }
    }

    private static long ParseId(string text) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long id)
            ? id
            : throw new FormatException($"'{text}' is not a lease id: up to 16 hexadecimal digits");
}
