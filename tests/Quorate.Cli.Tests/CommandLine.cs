using Quorate.Cli.Commands;
using Quorate.Cli.Shell;

namespace Quorate.Cli.Tests;

/// <summary>Runs a command line inside the test, as in a pipe.</summary>
internal static class CommandLine
{
    public static async Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments) =>
        await RunAsync(CancellationToken.None, arguments);

    public static async Task<(int Code, string Out, string Error)> RunAsync(CancellationToken stop, params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = await Root.RunAsync(arguments, new Terminal(output, error, outIsTerminal: false, errorIsTerminal: false), stop);
        return (code, output.ToString(), error.ToString());
    }
}
