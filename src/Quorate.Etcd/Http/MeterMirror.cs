using System.Diagnostics.Metrics;

namespace Quorate.Etcd;

/// <summary>
/// Keeps what the instruments of the meters named <c>Quorate…</c> measure, to show it on the metrics page. A meter with a scope belongs to
/// one group: several nodes may run in one process.
/// </summary>
internal sealed class MeterMirror : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MirroredInstrument> _instruments = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <param name="scope">Meters of another scope are left out.</param>
    public MeterMirror(object scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            bool isOurs = instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, scope);
            if (isOurs && instrument.Meter.Name.StartsWith("Quorate", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument, Add(instrument));
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => Remove(instrument);
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, mirrored) => ((MirroredInstrument)mirrored!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, mirrored) => ((MirroredInstrument)mirrored!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, mirrored) => ((MirroredInstrument)mirrored!).Measured(value, tags));
        _listener.Start();
    }

    public void Render(MetricsText text)
    {
        lock (_lock)
        {
            foreach (MirroredInstrument instrument in _instruments.Values)
            {
                instrument.BeginReading();
            }

            _listener.RecordObservableInstruments();
            foreach (MirroredInstrument instrument in _instruments.Values)
            {
                instrument.Render(text);
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private MirroredInstrument Add(Instrument instrument)
    {
        lock (_lock)
        {
            return _instruments[instrument.Name] = new MirroredInstrument(instrument);
        }
    }

    private void Remove(Instrument instrument)
    {
        lock (_lock)
        {
            if (_instruments.TryGetValue(instrument.Name, out MirroredInstrument? mirrored) && mirrored.Source == instrument)
            {
                _instruments.Remove(instrument.Name);
            }
        }
    }
}
