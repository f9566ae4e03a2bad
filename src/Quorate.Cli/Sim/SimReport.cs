using System.Text.Json;
using Quorate.Cli.Shell;
using Quorate.Simulation;

namespace Quorate.Cli.Sim;

/// <summary>What <c>sim --json</c> prints.</summary>
/// <param name="Seeds">Seeds run.</param>
/// <param name="CountedSeeds">Seeds in which at least 200 operations completed and 5 000 events happened.</param>
/// <param name="FaultedSeeds">Counted seeds with a crash or a partition.</param>
/// <param name="Events">Events in all.</param>
/// <param name="CompletedOperations">Completed operations of clients.</param>
/// <param name="VirtualSeconds">Virtual time.</param>
/// <param name="RealSeconds">Real time.</param>
/// <param name="Faults">Faults by kind.</param>
/// <param name="Seen">Rare situations that came up.</param>
/// <param name="Violations">What broke.</param>
internal sealed record SimReport(
    int Seeds,
    int CountedSeeds,
    int FaultedSeeds,
    long Events,
    long CompletedOperations,
    double VirtualSeconds,
    double RealSeconds,
    IReadOnlyDictionary<string, long> Faults,
    IReadOnlyDictionary<string, long> Seen,
    IReadOnlyList<SimViolation> Violations)
{
    public static string Json(SimulationSummary summary) => JsonSerializer.Serialize(Of(summary), CliJson.Default.SimReport);

    /// <summary>The same for people.</summary>
    public static void Write(SimulationSummary summary, TextWriter output)
    {
        SimReport report = Of(summary);
        output.WriteLine($"seeds         {report.Seeds} ({report.CountedSeeds} counted, {report.FaultedSeeds} of them with a crash or a partition)");
        output.WriteLine($"events        {report.Events} ({summary.EventsPerSecond:0} a second)");
        output.WriteLine($"time          {report.VirtualSeconds:0} s virtual in {report.RealSeconds:0.0} s real");
        output.WriteLine($"operations    {report.CompletedOperations} completed");
        output.WriteLine($"faults        {Line(report.Faults)}");
        output.WriteLine($"seen          {Line(report.Seen)}");
        output.WriteLine($"violations    {report.Violations.Count}");
    }

    private static SimReport Of(SimulationSummary summary) => new(
        summary.Seeds,
        summary.Counted,
        summary.Faulted,
        summary.Events,
        summary.Completed,
        summary.VirtualTime.TotalSeconds,
        summary.RealTime.TotalSeconds,
        summary.Faults,
        summary.Seen,
        summary.Violations.Select(finding => new SimViolation(finding.Result.Seed, finding.Result.Violation!.Rule, finding.Result.Violation.Message, finding.Replay)).ToList());

    private static string Line(IReadOnlyDictionary<string, long> counts) => string.Join(", ", counts.Select(pair => $"{pair.Key} {pair.Value}"));
}

/// <summary>A seed that broke a rule.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Message">What was found.</param>
/// <param name="Replay">The line that replays it.</param>
internal sealed record SimViolation(ulong Seed, string Rule, string Message, string Replay);
