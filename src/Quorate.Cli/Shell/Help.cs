using System.CommandLine;
using System.CommandLine.Help;

namespace Quorate.Cli.Shell;

/// <summary>Adds the section of examples to a command's <c>--help</c>.</summary>
internal static class Help
{
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Command, string[]> Examples = [];

    /// <param name="command">The command.</param>
    /// <param name="examples">One line each, as typed after <c>./quorate</c>.</param>
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
        if (help.Action is HelpAction action)
        {
            action.Builder.CustomizeLayout(_ => [.. HelpBuilder.Default.GetLayout(), WriteExamples]);
        }
    }

    private static bool WriteExamples(HelpContext context)
    {
        string[] examples = ExamplesOf(context.Command);
        if (examples.Length == 0)
        {
            return false;
        }

        context.Output.WriteLine("Examples:");
        foreach (string example in examples)
        {
            context.Output.WriteLine($"  {example}");
        }

        return true;
    }
}
