using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Quorate.Cli.Shell;

/// <summary>Adds the section of examples to a command's <c>--help</c>.</summary>
internal static class Help
{
    private static readonly ConditionalWeakTable<Command, string[]> Examples = [];

    /// <param name="command">The command.</param>
    /// <param name="examples">One line each.</param>
    public static T WithExamples<T>(this T command, params string[] examples)
        where T : Command
    {
        Examples.Add(command, examples);
        return command;
    }

    public static string[] ExamplesOf(Command command) => Examples.TryGetValue(command, out string[]? examples) ? examples : [];

    /// <summary>Makes the help of the whole tree show the examples.</summary>
    public static void Install(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesAction((SynchronousCommandLineAction)help.Action!);
    }

    private sealed class ExamplesAction(SynchronousCommandLineAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            string[] examples = ExamplesOf(parseResult.CommandResult.Command);
            if (examples.Length > 0)
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (string example in examples)
                {
                    output.WriteLine($"  {example}");
                }

                output.WriteLine();
            }

            return code;
        }
    }
}
