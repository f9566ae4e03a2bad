using System.Diagnostics;

namespace Quorate.Simulation;

/// <summary>Runs many seeds one after another.</summary>
public static class SimulationRunner
{
    /// <summary>Runs what the options say, until the first violation unless told to go on.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told after every seed, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the run between two seeds.</param>
    /// <exception cref="ArgumentException">There is no such planted bug.</exception>
    public static SimulationSummary Run(
        SimulationOptions options, Action<SimulationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        long started = Stopwatch.GetTimestamp();
        var totals = new Totals();
        for (ulong seed = options.Seed ?? options.From; IsDue(options, totals, started) && !cancellationToken.IsCancellationRequested; seed++)
        {
            SimulationResult result = new Simulation(seed, options.Plant, options.Nodes) { StoryLines = options.StoryLines }.Run();
            totals.Add(result, ReplayLine(result, options));
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            progress?.Invoke(new SimulationProgress(totals.Seeds, totals.Events, elapsed, totals.Violations.Count));
        }

        return totals.Summarize(Stopwatch.GetElapsedTime(started));
    }

    private static bool IsDue(SimulationOptions options, Totals totals, long started)
    {
        if (totals.Violations.Count > 0 && !options.KeepGoing)
        {
            return false;
        }

        if (options.Seed is not null)
        {
            return totals.Seeds == 0;
        }

        return options.Minutes is { } minutes
            ? Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(minutes)
            : totals.Seeds < options.Seeds;
    }

    private static string ReplayLine(SimulationResult result, SimulationOptions options)
    {
        string plant = options.Plant is null ? string.Empty : $" --plant {options.Plant}";
        string nodes = options.Nodes is null ? string.Empty : $" --nodes {options.Nodes}";
        return $"./quorate sim --seed {result.Seed}{plant}{nodes}";
    }

    private sealed class Totals
    {
        private readonly SortedDictionary<string, long> _faults = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, long> _seen = new(StringComparer.Ordinal);
        private int _counted;
        private int _faulted;
        private long _completed;
        private long _virtualTimeUs;

        public int Seeds { get; private set; }

        public long Events { get; private set; }

        public List<SimulationFinding> Violations { get; } = [];

        public void Add(SimulationResult result, string replay)
        {
            Seeds++;
            Events += result.Events;
            _counted += result.Counts ? 1 : 0;
            _faulted += result.Counts && result.Faults.Keys.Any(IsHard) ? 1 : 0;
            _completed += result.Completed;
            _virtualTimeUs += result.VirtualTimeUs;
            foreach ((string name, long times) in result.Faults)
            {
                Tally.Count(_faults, name, times);
            }

            foreach ((string name, long times) in result.Seen)
            {
                Tally.Count(_seen, name, times);
            }

            if (result.Violation is not null)
            {
                Violations.Add(new SimulationFinding(result, replay));
            }
        }

        public SimulationSummary Summarize(TimeSpan realTime) => new(
            Seeds, _counted, _faulted, Events, _completed, TimeSpan.FromMicroseconds(_virtualTimeUs), realTime, _faults, _seen, Violations);

        private static bool IsHard(string fault) =>
            fault.StartsWith("crash", StringComparison.Ordinal) || fault.EndsWith("partition", StringComparison.Ordinal);
    }
}

/// <summary>How far a run of many seeds has come.</summary>
/// <param name="Seeds">Seeds run.</param>
/// <param name="Events">Events so far.</param>
/// <param name="Elapsed">Real time so far.</param>
/// <param name="Violations">Violations so far.</param>
public readonly record struct SimulationProgress(int Seeds, long Events, TimeSpan Elapsed, int Violations);
