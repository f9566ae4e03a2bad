using System.Runtime.InteropServices;

namespace Quorate.Cli.Shell;

internal static class Platform
{
    /// <summary>Nodes need Linux' way of flushing a disk and of ending a child with its parent.</summary>
    /// <exception cref="CliException">This is another system.</exception>
    public static void Check()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            throw new CliException(
                $"a node runs on Linux x64; this is {RuntimeInformation.OSDescription} on {RuntimeInformation.ProcessArchitecture}");
        }
    }
}
