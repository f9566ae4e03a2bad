using System.CommandLine;
using Quorate.Client;

namespace Quorate.Cli.Shell;

/// <summary>Runs a command's action and turns what it throws into a line for people and an exit code.</summary>
internal static class CommandRunner
{
    public static void SetRun(this Command command, Terminal terminal, Func<ParseResult, CancellationToken, Task<int>> run) =>
        command.SetAction(async (result, cancellationToken) =>
        {
            try
            {
                return await run(result, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
            catch (CliException exception)
            {
                terminal.Say($"quorate {command.Name}: {exception.Message}");
                return exception.ExitCode;
            }
            catch (QuorateException exception)
            {
                terminal.Say($"quorate {command.Name}: {exception.Message}");
                return exception.Error is QuorateError.Unreachable or QuorateError.NoLeader ? ExitCode.Unreachable : ExitCode.Failed;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                terminal.Say($"quorate {command.Name}: {exception.Message}");
                return ExitCode.Failed;
            }
            catch (Exception exception)
            {
                // A mistake of ours: whoever reports it needs all of it.
                terminal.Say($"quorate {command.Name}: {exception}");
                return ExitCode.Failed;
            }
        });
}
