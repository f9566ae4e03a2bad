using System.Diagnostics.Metrics;

namespace Quorate.Etcd;

/// <summary>Keeps what the instruments of the meters named <c>Quorate…</c> measure, to show it on the metrics page.</summary>
internal sealed class MeterMirror : IDisposable
{
    /// <summary>Most rows: tags with many values must not become memory.</summary>
    private const int MaxRows = 2000;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<(string Name, string Labels), Row> _rows = [];
    private readonly MeterListener _listener = new();

    public MeterMirror()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Quorate", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.Start();
    }

    public void Render(MetricsText text)
    {
        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            string last = string.Empty;
            foreach (((string name, string labels), Row row) in _rows)
            {
                if (name != last)
                {
                    text.Begin(name, row.Type, row.Help);
                    last = name;
                }

                if (row.Type == "summary")
                {
                    text.Sample(name + "_sum", labels, row.Value);
                    text.Sample(name + "_count", labels, row.Count);
                }
                else
                {
                    text.Sample(name, labels, row.Value);
                }
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private static string TypeOf(Instrument instrument)
    {
        string kind = instrument.GetType().Name;
        if (kind.StartsWith("Histogram", StringComparison.Ordinal))
        {
            return "summary";
        }

        return kind.Contains("Counter", StringComparison.Ordinal) && !kind.Contains("UpDown", StringComparison.Ordinal) ? "counter" : "gauge";
    }

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = instrument.Name.Replace('.', '_').Replace('-', '_');
        string labels = string.Empty;
        foreach ((string tag, object? tagged) in tags)
        {
            labels += (labels.Length > 0 ? "," : string.Empty) + MetricsText.Label(tag.Replace('.', '_'), tagged?.ToString() ?? string.Empty);
        }

        lock (_lock)
        {
            if (!_rows.TryGetValue((name, labels), out Row? row))
            {
                if (_rows.Count >= MaxRows)
                {
                    return;
                }

                _rows[(name, labels)] = row = new Row(TypeOf(instrument), instrument.Description ?? name);
            }

            // Observable instruments and gauges tell what is; the others tell what was added.
            bool replaces = instrument.IsObservable || instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal);
            row.Value = replaces ? value : row.Value + value;
            row.Count++;
        }
    }

    private sealed class Row(string type, string help)
    {
        public string Type { get; } = type;

        public string Help { get; } = help;

        public double Value { get; set; }

        public long Count { get; set; }
    }
}
