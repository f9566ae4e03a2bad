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

    /// <summary>The samples of a histogram: buckets that each count what lies at or below their bound, sum, and count.</summary>
    /// <param name="name">The name without a suffix.</param>
    /// <param name="labels">Labels of every sample, without <c>le</c>.</param>
    /// <param name="bounds">The upper bounds, ascending.</param>
    /// <param name="counts">Hits of each bucket alone, one more than there are bounds.</param>
    /// <param name="sum">The sum of what was recorded.</param>
    public void Histogram(string name, string labels, IReadOnlyList<double> bounds, IReadOnlyList<long> counts, double sum)
    {
        long below = 0;
        string separator = labels.Length > 0 ? "," : string.Empty;
        for (int at = 0; at < counts.Count; at++)
        {
            below += counts[at];
            string bound = at < bounds.Count ? bounds[at].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
            Sample(name + "_bucket", $"{labels}{separator}{Label("le", bound)}", below);
        }

        Sample(name + "_sum", labels, sum);
        Sample(name + "_count", labels, below);
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
