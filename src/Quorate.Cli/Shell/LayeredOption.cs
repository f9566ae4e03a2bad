using System.CommandLine;
using System.CommandLine.Parsing;

namespace Quorate.Cli.Shell;

/// <summary>
/// Options that take their value from the flag, then from the environment (<c>QUORATE_DATA_DIR</c> for <c>--data-dir</c>),
/// then from the file of <c>--config</c>, then from their default.
/// </summary>
internal static class LayeredOption
{
    public const string EnvironmentPrefix = "QUORATE_";

    public static Option<string?> Config { get; } = new("--config")
    {
        Description = "A JSON file with options, named like the flags without their dashes. Flags and environment come before it.",
        HelpName = "FILE",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(EnvironmentPrefix + "CONFIG"),
    };

    /// <param name="name">With its dashes.</param>
    /// <param name="description">For <c>--help</c>.</param>
    /// <param name="defaultValue">When nobody says anything.</param>
    /// <param name="parse">From text; throws <see cref="FormatException"/> with what is wrong.</param>
    /// <param name="helpName">What stands for the value in <c>--help</c>.</param>
    public static Option<T> Create<T>(string name, string description, T defaultValue, Func<string, T> parse, string? helpName = null)
    {
        Option<T> option = new(name)
        {
            Description = description,
            CustomParser = result => Parse(result, name, string.Join(',', result.Tokens.Select(token => token.Value)), parse, defaultValue),
            DefaultValueFactory = result => Find(result, name) is string text
                ? Parse(result, name, text, parse, defaultValue)
                : defaultValue,
            Arity = ArgumentArity.ExactlyOne,
        };
        if (helpName is not null)
        {
            option.HelpName = helpName;
        }

        return option;
    }

    public static Option<string?> Text(string name, string description, string? defaultValue, string helpName) =>
        Create(name, description, defaultValue, text => (string?)text, helpName);

    public static Option<int> Integer(string name, string description, int defaultValue, int least, int most, string helpName = "N") =>
        Create(name, description, defaultValue, text => (int)Values.Integer(text, least, most), helpName);

    public static Option<long> Long(string name, string description, long defaultValue, long least, long most, string helpName = "N") =>
        Create(name, description, defaultValue, text => Values.Integer(text, least, most), helpName);

    public static Option<bool> Switch(string name, string description)
    {
        Option<bool> option = Create(name, description, false, text => text.Length == 0 || Values.Boolean(text));
        option.Arity = ArgumentArity.ZeroOrOne;
        return option;
    }

    public static string EnvironmentName(string optionName) =>
        EnvironmentPrefix + optionName.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    /// <summary>Whether somebody said it: by flag, environment or file.</summary>
    public static bool IsSaid<T>(ParseResult result, Option<T> option) =>
        result.GetResult(option) is OptionResult said && (!said.Implicit || Find(said, option.Name) is not null);

    private static string? Find(SymbolResult result, string name)
    {
        if (Environment.GetEnvironmentVariable(EnvironmentName(name)) is { Length: > 0 } said)
        {
            return said;
        }

        try
        {
            return result.GetValue(Config) is { Length: > 0 } path ? ConfigFile.Read(path).Find(name.TrimStart('-')) : null;
        }
        catch (FormatException)
        {
            // The whole command line reports a bad file once, not every option again.
            return null;
        }
    }

    private static T Parse<T>(ArgumentResult result, string name, string text, Func<string, T> parse, T defaultValue)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException exception)
        {
            result.AddError($"{name}: {exception.Message}");
            return defaultValue;
        }
    }
}
