namespace Quorate.Cli.Bench;

/// <summary>What went wrong, and how often.</summary>
internal sealed record BenchError(string Message, long Count);

/// <summary>What the watchers of <c>bench watch</c> saw.</summary>
/// <param name="Watchers">How many there were.</param>
/// <param name="Events">How many events came, all watchers together.</param>
/// <param name="EventsPerSecond">The same per second.</param>
/// <param name="Lost">Events that never came.</param>
/// <param name="OutOfOrder">Events that came twice or behind a later one.</param>
internal sealed record WatchReport(int Watchers, long Events, double EventsPerSecond, long Lost, long OutOfOrder);

/// <summary>The document of <c>bench --json</c>; its fields are fixed by docs/cli.md.</summary>
/// <param name="Workload">put, range, txn, watch or mixed.</param>
/// <param name="Endpoints">The endpoints that took the load.</param>
/// <param name="Connections">How many connections.</param>
/// <param name="Clients">How many requests were in flight.</param>
/// <param name="ValueBytes">Size of a value.</param>
/// <param name="Keys">How many keys.</param>
/// <param name="RatePerSecond">The rate asked for; absent for as fast as answers came.</param>
/// <param name="Seconds">How long was measured.</param>
/// <param name="Operations">How many succeeded.</param>
/// <param name="OperationsPerSecond">The same per second.</param>
/// <param name="Errors">How many failed.</param>
/// <param name="ErrorMessages">Why, the most frequent first.</param>
/// <param name="P50Ms">Half of all took no longer. For watch: from sending a write to seeing it.</param>
/// <param name="P99Ms">99 % took no longer.</param>
/// <param name="P999Ms">99.9 % took no longer.</param>
/// <param name="MaxMs">The longest.</param>
/// <param name="MeanMs">On average.</param>
/// <param name="ServerCpuUsPerOperation">CPU time of all <c>--pids</c> for one operation; absent without them.</param>
/// <param name="ClientCpuUsPerOperation">CPU time of this program for one operation.</param>
/// <param name="Watch">For watch only.</param>
internal sealed record BenchReport(
    string Workload,
    IReadOnlyList<string> Endpoints,
    int Connections,
    int Clients,
    int ValueBytes,
    int Keys,
    double? RatePerSecond,
    double Seconds,
    long Operations,
    double OperationsPerSecond,
    long Errors,
    IReadOnlyList<BenchError> ErrorMessages,
    double P50Ms,
    double P99Ms,
    double P999Ms,
    double MaxMs,
    double MeanMs,
    double? ServerCpuUsPerOperation,
    double ClientCpuUsPerOperation,
    WatchReport? Watch);
