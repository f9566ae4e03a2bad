namespace Quorate.Cli.Bench;

/// <summary>What the load consists of.</summary>
internal enum BenchKind
{
    Put,
    Range,
    Txn,
    Watch,
    Mixed,
}

/// <summary>What <c>quorate bench</c> was told, checked.</summary>
/// <param name="Kind">The load.</param>
/// <param name="Endpoints">Client URLs; the connections are spread over them.</param>
/// <param name="Connections">How many connections.</param>
/// <param name="Clients">How many requests are in flight in total.</param>
/// <param name="Total">How many requests; <see langword="null"/> when time decides.</param>
/// <param name="Duration">How long; <see langword="null"/> when the number decides.</param>
/// <param name="WarmUp">Load before anything is measured.</param>
/// <param name="RatePerSecond">Requests begin at this rate whatever the answers do; <see langword="null"/> for as fast as answers come.</param>
/// <param name="ValueBytes">Size of a value.</param>
/// <param name="Keys">How many keys.</param>
/// <param name="Watchers">How many watchers.</param>
/// <param name="WatchPrefix">Whether every watcher sees all keys instead of one.</param>
/// <param name="IsSequential">Keys one after the other instead of at random.</param>
/// <param name="IsSerializable">Reads answered from what the endpoint has.</param>
/// <param name="IsLeaderOnly">All connections to the leader.</param>
/// <param name="Pids">The servers whose CPU is measured.</param>
internal sealed record BenchSettings(
    BenchKind Kind,
    IReadOnlyList<Uri> Endpoints,
    int Connections,
    int Clients,
    long? Total,
    TimeSpan? Duration,
    TimeSpan WarmUp,
    double? RatePerSecond,
    int ValueBytes,
    int Keys,
    int Watchers,
    bool WatchPrefix,
    bool IsSequential,
    bool IsSerializable,
    bool IsLeaderOnly,
    IReadOnlyList<int> Pids);
