using System.CommandLine;
using Quorate.Client;

namespace Quorate.Cli.Shell;

/// <summary><c>KEY [END]</c> with <c>--prefix</c> and <c>--from-key</c>, as get, del and watch take them.</summary>
internal sealed class RangeArguments
{
    private readonly Argument<string> _key = new("KEY") { Description = "The key; the first one of a range." };

    private readonly Argument<string?> _end = new("END")
    {
        Description = "The key behind the last one of a range.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _prefix = LayeredOption.Switch("--prefix", "Every key that begins with KEY; an empty KEY is every key.");
    private readonly Option<bool> _fromKey = LayeredOption.Switch("--from-key", "KEY and every key behind it.");

    public void AddTo(Command command)
    {
        command.Arguments.Add(_key);
        command.Arguments.Add(_end);
        command.Options.Add(_prefix);
        command.Options.Add(_fromKey);
    }

    public KeyRange Read(ParseResult result)
    {
        string key = result.GetValue(_key)!;
        string? end = result.GetValue(_end);
        bool prefix = result.GetValue(_prefix);
        bool fromKey = result.GetValue(_fromKey);
        if ((end is not null ? 1 : 0) + (prefix ? 1 : 0) + (fromKey ? 1 : 0) > 1)
        {
            throw CliException.Usage("END, --prefix and --from-key say different things: give one of them");
        }

        if (key.Length == 0 && !prefix && !fromKey)
        {
            throw CliException.Usage("a key is not empty; with --prefix, an empty KEY is every key");
        }

        return prefix ? KeyRange.Prefix(key) : fromKey ? KeyRange.From(key) : end is not null ? KeyRange.Between(key, end) : KeyRange.Single(key);
    }
}
