using System.Text.RegularExpressions;

namespace Quorate.Cli.Tests;

/// <summary>docs/cli.md, which fixes the interface.</summary>
internal static partial class Documentation
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cli.md"));

    /// <summary>The first column of the table under the heading "Fields of …".</summary>
    public static string[] FieldsOf(string what)
    {
        int heading = Text.IndexOf($"### Fields of `{what.Replace(", ", "`, `", StringComparison.Ordinal)}`", StringComparison.Ordinal);
        Assert.True(heading >= 0, $"docs/cli.md has no heading for the fields of {what}");
        int next = Text.IndexOf("\n#", heading + 1, StringComparison.Ordinal);
        string section = next < 0 ? Text[heading..] : Text[heading..next];
        return [.. FieldRow().Matches(section).Select(match => match.Groups[1].Value)];
    }

    /// <summary>Every option that the documentation of a command names.</summary>
    public static string SectionOf(string command)
    {
        int heading = Text.IndexOf($"\n## `{command}", StringComparison.Ordinal);
        Assert.True(heading >= 0, $"docs/cli.md has no section for {command}");
        int next = Text.IndexOf("\n## ", heading + 1, StringComparison.Ordinal);
        return next < 0 ? Text[heading..] : Text[heading..next];
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex FieldRow();
}
