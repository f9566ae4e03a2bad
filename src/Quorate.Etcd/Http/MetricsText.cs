using System.Globalization;
using System.Text;

namespace Quorate.Etcd;

/// <summary>Builds the text format of Prometheus (version 0.0.4).</summary>
internal sealed class MetricsText
{
    private readonly StringBuilder _text = new();

    public void Gauge(string name, string help, double value) => Single(name, "gauge", help, value);

    public void Counter(string name, string help, double value) => Single(name, "counter", help, value);

    /// <summary>Announces a metric whose samples follow.</summary>
    public void Begin(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\n", " ", StringComparison.Ordinal)).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    public static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    public override string ToString() => _text.ToString();

    private void Single(string name, string type, string help, double value)
    {
        Begin(name, type, help);
        Sample(name, string.Empty, value);
    }
}
