using Spectre.Console;

namespace Quorate.Cli.Shell;

/// <summary>Where a command writes: results to <see cref="Out"/>, everything for people to <see cref="Error"/>.</summary>
internal sealed class Terminal
{
    /// <summary>A pipe has no width of its own: wide enough that no table is ever wrapped.</summary>
    private const int PipedWidthColumns = 240;

    public Terminal(TextWriter output, TextWriter error, bool outIsTerminal, bool errorIsTerminal)
    {
        Out = output;
        Error = error;
        OutIsTerminal = outIsTerminal;
        ErrorIsTerminal = errorIsTerminal;
        OutConsole = Console(output, outIsTerminal);
        ErrorConsole = Console(error, errorIsTerminal);
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    public bool OutIsTerminal { get; }

    public bool ErrorIsTerminal { get; }

    public IAnsiConsole OutConsole { get; }

    public IAnsiConsole ErrorConsole { get; }

    public static Terminal OfProcess() => new(
        System.Console.Out, System.Console.Error, !System.Console.IsOutputRedirected, !System.Console.IsErrorRedirected);

    /// <summary>One line for people.</summary>
    public void Say(string text) => Error.WriteLine(text);

    public void Warn(string text) => Error.WriteLine($"warning: {text}");

    /// <summary>A table: with rules on a terminal, bare columns in a pipe.</summary>
    public static Table NewTable(bool onTerminal, params string[] columns)
    {
        Table table = new() { Border = onTerminal ? TableBorder.Rounded : TableBorder.None, UseSafeBorder = true };
        foreach (string column in columns)
        {
            TableColumn header = new(onTerminal ? $"[bold]{Markup.Escape(column)}[/]" : Markup.Escape(column)) { NoWrap = true };
            table.AddColumn(header);
        }

        return table;
    }

    public static void AddRow(Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);

    private static IAnsiConsole Console(TextWriter writer, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = PipedWidthColumns;
        }

        return console;
    }
}
