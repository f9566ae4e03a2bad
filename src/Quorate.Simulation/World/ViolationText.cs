using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Quorate.Simulation;

/// <summary>Builds the words of a violation only when there is one, so that an oracle can say what it saw at no cost.</summary>
[InterpolatedStringHandler]
internal ref struct ViolationText
{
    private readonly StringBuilder? _text;

    public ViolationText(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = holds ? null : new StringBuilder(literalLength + (formattedCount * 16));
    }

    public readonly void AppendLiteral(string literal) => _text!.Append(literal);

    public readonly void AppendFormatted<T>(T value) => _text!.Append(CultureInfo.InvariantCulture, $"{value}");

    public readonly string ToStringAndClear() => _text?.ToString() ?? string.Empty;
}
