using System.Globalization;
using System.Text;
using Quorate.Client;

namespace Quorate.Cli.Txn;

/// <summary>
/// Reads a transaction as <c>etcdctl txn</c> does: lines with comparisons, an empty line, operations for when all hold, an empty line,
/// operations for when one does not.
/// </summary>
internal static class TxnText
{
    private const int Sections = 3;

    /// <exception cref="FormatException">A line cannot be understood; the message names it.</exception>
    public static (Condition[] When, Operation[] Then, Operation[] Else) Parse(IEnumerable<string> lines)
    {
        List<string>[] sections = [[], [], []];
        int section = 0;
        foreach (string line in lines.Select(line => line.Trim()))
        {
            if (line.Length == 0)
            {
                section++;
            }
            else if (section >= Sections)
            {
                throw new FormatException($"'{line}' comes after the last section: there are comparisons, then, and else, parted by one empty line each");
            }
            else if (line[0] != '#')
            {
                sections[section].Add(line);
            }
        }

        return ([.. sections[0].Select(ParseCondition)], [.. sections[1].Select(ParseOperation)], [.. sections[2].Select(ParseOperation)]);
    }

    /// <summary><c>value("key") = "text"</c>, <c>mod("key") &gt; "7"</c> and so on.</summary>
    private static Condition ParseCondition(string line)
    {
        int open = line.IndexOf('(', StringComparison.Ordinal);
        if (open <= 0)
        {
            throw BadCondition(line);
        }

        string target = line[..open].Trim();
        List<string> words = Words(line[(open + 1)..], line, endOfWord: ')');
        if (words is not [string key, ")", string comparator, string operand])
        {
            throw BadCondition(line);
        }

        Comparison comparison = comparator switch
        {
            "=" or "==" => Comparison.Equal,
            "!=" => Comparison.NotEqual,
            ">" => Comparison.Greater,
            "<" => Comparison.Less,
            _ => throw BadCondition(line),
        };
        return target switch
        {
            "value" or "val" => Condition.Value(key, comparison, operand),
            "version" or "ver" => Condition.Version(key, comparison, Number(operand, line)),
            "create" or "c" => Condition.CreateRevision(key, comparison, Number(operand, line)),
            "mod" or "m" => Condition.ModRevision(key, comparison, Number(operand, line)),
            "lease" => Condition.Lease(key, comparison, long.Parse(operand, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
            _ => throw BadCondition(line),
        };
    }

    /// <summary><c>put KEY VALUE</c>, <c>get KEY [--prefix]</c>, <c>del KEY [--prefix]</c>.</summary>
    private static Operation ParseOperation(string line)
    {
        List<string> words = Words(line, line);
        bool isPrefix = words.Remove("--prefix");
        return words switch
        {
            ["put", string key, string value] when !isPrefix => Operation.Put(key, value),
            ["get", string key] => Operation.Range(isPrefix ? KeyRange.Prefix(key) : key),
            ["get", string key, string end] when !isPrefix => Operation.Range(KeyRange.Between(key, end)),
            ["del", string key] => Operation.Delete(isPrefix ? KeyRange.Prefix(key) : key),
            ["del", string key, string end] when !isPrefix => Operation.Delete(KeyRange.Between(key, end)),
            _ => throw new FormatException($"'{line}' is not an operation such as: put KEY VALUE, get KEY [END|--prefix], del KEY [END|--prefix]"),
        };
    }

    private static FormatException BadCondition(string line) =>
        new($"'{line}' is not a comparison such as: value(\"key\") = \"text\", version(\"key\") > \"0\", create, mod, lease; with =, !=, <, >");

    private static long Number(string text, string line) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new FormatException($"'{line}': '{text}' is not a whole number");

    /// <summary>Words parted by spaces; quoted ones may hold spaces, and \" \\ \n \t.</summary>
    /// <param name="text">What to take apart.</param>
    /// <param name="line">What to quote when it cannot be.</param>
    /// <param name="endOfWord">A character that is a word of its own wherever it is not quoted.</param>
    private static List<string> Words(string text, string line, char endOfWord = '\0')
    {
        List<string> words = [];
        StringBuilder word = new();
        int at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            word.Clear();
            if (text[at] == endOfWord)
            {
                words.Add(endOfWord.ToString());
                at++;
                continue;
            }

            at = text[at] is '"' or '\'' ? Quoted(text, at, word, line) : Bare(text, at, word, endOfWord);
            words.Add(word.ToString());
        }

        return words;
    }

    private static int Bare(string text, int at, StringBuilder word, char endOfWord)
    {
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] != endOfWord)
        {
            word.Append(text[at++]);
        }

        return at;
    }

    private static int Quoted(string text, int at, StringBuilder word, string line)
    {
        char quote = text[at++];
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] == '\\' && quote == '"' && at + 1 < text.Length)
            {
                at++;
                word.Append(text[at] switch { 'n' => '\n', 't' => '\t', char other => other });
            }
            else
            {
                word.Append(text[at]);
            }

            at++;
        }

        return at < text.Length ? at + 1 : throw new FormatException($"'{line}' has a quote without an end");
    }
}
