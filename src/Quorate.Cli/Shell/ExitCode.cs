namespace Quorate.Cli.Shell;

/// <summary>What the program's exit says to scripts; fixed by docs/cli.md.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It failed, or a violation was found.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration file cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>No endpoint could be reached, or the cluster has no leader.</summary>
    public const int Unreachable = 3;

    /// <summary>A signal ended it before it was done.</summary>
    public const int Interrupted = 130;
}
