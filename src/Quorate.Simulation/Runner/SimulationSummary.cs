namespace Quorate.Simulation;

/// <summary>What many runs came to.</summary>
/// <param name="Seeds">Seeds run.</param>
/// <param name="Counted">Seeds in which enough happened: at least 200 completed operations and 5 000 events.</param>
/// <param name="Faulted">Counted seeds with a crash or a partition in them.</param>
/// <param name="Events">Events in all.</param>
/// <param name="Completed">Completed operations of clients.</param>
/// <param name="VirtualTime">Virtual time in all.</param>
/// <param name="RealTime">Real time in all.</param>
/// <param name="Faults">Faults by kind.</param>
/// <param name="Seen">Rare situations that came up, by name.</param>
/// <param name="Violations">Runs that broke a rule, in order.</param>
public sealed record SimulationSummary(
    int Seeds,
    int Counted,
    int Faulted,
    long Events,
    long Completed,
    TimeSpan VirtualTime,
    TimeSpan RealTime,
    IReadOnlyDictionary<string, long> Faults,
    IReadOnlyDictionary<string, long> Seen,
    IReadOnlyList<SimulationFinding> Violations)
{
    /// <summary>Events for each second of real time.</summary>
    public double EventsPerSecond => RealTime > TimeSpan.Zero ? Events / RealTime.TotalSeconds : 0;
}

/// <summary>A run that broke a rule.</summary>
/// <param name="Result">The run.</param>
/// <param name="Replay">The line that replays it.</param>
public sealed record SimulationFinding(SimulationResult Result, string Replay)
{
    /// <summary>The finding for people: what broke, where, how to see it again, and the last events before it.</summary>
    public string Describe()
    {
        Violation violation = Result.Violation!;
        return $"seed {Result.Seed}, {Result.Nodes} nodes, at {Result.VirtualTimeUs / 1000} ms of virtual time\n{violation.Message}\n{violation.Story}\nreplay: {Replay}";
    }
}
