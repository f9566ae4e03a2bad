using System.Diagnostics.Metrics;

namespace Quorate.Etcd;

/// <summary>
/// What one instrument measured, by its tags. Recording takes no lock and allocates nothing once a combination of tags is known: histograms
/// are recorded where durability waits.
/// </summary>
internal sealed class MirroredInstrument(Instrument instrument)
{
    /// <summary>Most combinations of tags: tags with many values must not become memory.</summary>
    private const int MaxSeries = 200;

    private readonly Lock _lock = new();
    private readonly string _type = TypeOf(instrument);
    private readonly IReadOnlyList<double> _bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? [];

    /// <summary>Observed instruments and gauges tell what is; the others tell what was added.</summary>
    private readonly bool _replaces = instrument.IsObservable || instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal);
    private volatile MetricSeries[] _series = [];

    public Instrument Source { get; } = instrument;

    public void Measured(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(_series, tags) is not { } series && (series = Add(tags)) is null)
        {
            return;
        }

        if (_type == "histogram")
        {
            series.Record(value, _bounds);
        }
        else if (_replaces)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    /// <summary>What an observed instrument does not tell from here on is gone.</summary>
    public void BeginReading()
    {
        if (Source.IsObservable)
        {
            _series = [];
        }
    }

    public void Render(MetricsText text)
    {
        MetricSeries[] series = _series;
        if (series.Length == 0 && Source.IsObservable)
        {
            return;
        }

        Render(text, series, OwnName(), tag => tag.Replace('.', '_'));
        if (EtcdMetricNames.TryGet(Source.Name, out EtcdMetricName etcd))
        {
            Render(text, series, etcd.Name, tag => tag == "peer" ? etcd.PeerLabel : tag);
        }
    }

    private static string TypeOf(Instrument instrument)
    {
        string kind = instrument.GetType().Name;
        if (kind.StartsWith("Histogram", StringComparison.Ordinal))
        {
            return "histogram";
        }

        return kind.Contains("Counter", StringComparison.Ordinal) && !kind.Contains("UpDown", StringComparison.Ordinal) ? "counter" : "gauge";
    }

    private static MetricSeries? Find(MetricSeries[] series, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (MetricSeries candidate in series)
        {
            if (candidate.IsFor(tags))
            {
                return candidate;
            }
        }

        return null;
    }

    private MetricSeries? Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            MetricSeries? series = Find(_series, tags);
            if (series is null && _series.Length < MaxSeries)
            {
                series = new MetricSeries(tags.ToArray(), _bounds.Count);
                _series = [.. _series, series];
            }

            return series;
        }
    }

    /// <summary>The name as Prometheus wants it: with its unit, and with <c>_total</c> when it only grows.</summary>
    private string OwnName()
    {
        string unit = Source.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => string.Empty,
        };
        return Source.Name.Replace('.', '_').Replace('-', '_') + unit + (_type == "counter" ? "_total" : string.Empty);
    }

    private void Render(MetricsText text, MetricSeries[] all, string name, Func<string, string> labelOf)
    {
        text.Begin(name, _type, Source.Description ?? Source.Name);
        foreach (MetricSeries series in all)
        {
            string labels = series.Labels(labelOf);
            if (_type == "histogram")
            {
                text.Histogram(name, labels, _bounds, series.Counts(), series.Value);
            }
            else
            {
                text.Sample(name, labels, series.Value);
            }
        }
    }
}
