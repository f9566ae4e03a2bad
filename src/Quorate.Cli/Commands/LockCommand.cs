using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Quorate.Cli.Serve;
using Quorate.Cli.Shell;
using Quorate.Client;

namespace Quorate.Cli.Commands;

internal static class LockCommand
{
    /// <summary>What the command under the lock must show to whatever the lock protects.</summary>
    public const string TokenVariable = "QUORATE_FENCING_TOKEN";

    /// <summary>The key that stands for this holder.</summary>
    public const string KeyVariable = "QUORATE_LOCK_KEY";

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    public static Command Create(Terminal terminal)
    {
        ClientOptions client = new();
        Argument<string> name = new("NAME") { Description = "The lock's name." };
        Argument<string[]> program = new("COMMAND") { Description = "What to run while the lock is held.", Arity = ArgumentArity.ZeroOrMore };
        Option<int> seconds = LayeredOption.Integer("--ttl", "Seconds the lock outlives a holder that died.", 10, 1, 86_400, "SECONDS");
        Command command = new(
            "lock",
            $"Waits for a lock, prints its key and its fencing token, and holds it until Ctrl-C; or runs a command under it with {TokenVariable} and {KeyVariable} set, and exits as it does.")
        {
            name, program, seconds,
        };
        client.AddTo(command);
        command.SetRun(terminal, async (result, stop) =>
        {
            await using QuorateClient connection = client.Connect(result);
            await using LockHandle held = await connection
                .LockAsync(result.GetValue(name)!, TimeSpan.FromSeconds(result.GetValue(seconds)), stop).ConfigureAwait(false);
            string[] words = result.GetValue(program) ?? [];
            return words.Length == 0
                ? await HoldAsync(terminal, held, stop).ConfigureAwait(false)
                : await RunUnderAsync(words, held, stop).ConfigureAwait(false);
        });
        return command.WithExamples(
            "./quorate lock nightly-backup -- ./backup.sh --full",
            $"./quorate lock nightly-backup -- sh -c 'echo $'{TokenVariable}",
            "./quorate lock nightly-backup");
    }

    private static async Task<int> HoldAsync(Terminal terminal, LockHandle held, CancellationToken stop)
    {
        terminal.Out.WriteLine(Encoding.UTF8.GetString(held.Key.Span));
        terminal.Out.WriteLine(held.FencingToken);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop, held.Lost);
        try
        {
            await Task.Delay(Timeout.Infinite, over.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Lost(held);
        }

        return ExitCode.Done;
    }

    private static async Task<int> RunUnderAsync(string[] words, LockHandle held, CancellationToken stop)
    {
        ProcessStartInfo info = new(words[0], words[1..]) { UseShellExecute = false };
        info.Environment[TokenVariable] = held.FencingToken.ToString(CultureInfo.InvariantCulture);
        info.Environment[KeyVariable] = Encoding.UTF8.GetString(held.Key.Span);
        using Process process = Start(info);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop, held.Lost);
        try
        {
            await process.WaitForExitAsync(over.Token).ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            // Somebody else may hold the lock soon: the command must not go on.
            await StopAsync(process).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            throw Lost(held);
        }
    }

    private static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info) ?? throw new CliException($"cannot run {info.FileName}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new CliException($"cannot run {info.FileName}: {exception.Message}", inner: exception);
        }
    }

    private static async Task StopAsync(Process process)
    {
        _ = Native.Kill(process.Id, Native.SignalTerminate);
        using CancellationTokenSource patience = new(StopPatience);
        try
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static CliException Lost(LockHandle held) => new($"the lock {held.Name} was lost");
}
