namespace Quorate.Simulation;

/// <summary>What one run came to.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Violation">What was found, or <see langword="null"/>.</param>
/// <param name="TraceHash">A hash over everything that happened: two runs of one seed have the same.</param>
/// <param name="Events">How many events there were.</param>
/// <param name="VirtualTimeUs">How long it took in virtual time, in microseconds.</param>
/// <param name="Completed">Operations of clients that were answered.</param>
/// <param name="Nodes">The size of the cluster.</param>
/// <param name="Faults">Faults by kind.</param>
/// <param name="Seen">Rare situations that came up.</param>
/// <param name="Climate">The knobs in words.</param>
public sealed record SimulationResult(
    ulong Seed,
    Violation? Violation,
    ulong TraceHash,
    long Events,
    long VirtualTimeUs,
    long Completed,
    int Nodes,
    IReadOnlyDictionary<string, long> Faults,
    IReadOnlyDictionary<string, long> Seen,
    string Climate)
{
    /// <summary>Whether enough happened for the run to mean something.</summary>
    public bool Counts => Completed >= 200 && Events >= 5_000;
}

/// <summary>Something that must never happen, and did.</summary>
/// <param name="Rule">The rule it breaks.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Story">The last events before it, one a line.</param>
public sealed record Violation(string Rule, string Message, string Story);
