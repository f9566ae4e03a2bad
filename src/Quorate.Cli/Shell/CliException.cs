namespace Quorate.Cli.Shell;

/// <summary>A command cannot go on; the message is for people and names the remedy where there is one.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.Failed, Exception? inner = null)
    : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    public static CliException Usage(string message) => new(message, Shell.ExitCode.Usage);
}
