namespace Quorate.Cli.Sim;

/// <summary>What <c>quorate sim</c> was told, checked.</summary>
/// <param name="FirstSeed">The first seed; <see langword="null"/> for fresh ones.</param>
/// <param name="Seeds">How many; <see langword="null"/> when time decides.</param>
/// <param name="Duration">How long; <see langword="null"/> when the number of seeds decides.</param>
/// <param name="Protocol"><c>raft</c>, <c>paxos</c> or <c>zab</c>.</param>
/// <param name="Nodes">How many nodes; <see langword="null"/> to let each seed decide.</param>
/// <param name="Plant">The planted bug; <see langword="null"/> for none.</param>
/// <param name="HtmlFile">Where a page about the run goes; <see langword="null"/> for nowhere.</param>
/// <param name="IsJson">Whether one JSON document goes to standard output.</param>
internal sealed record SimSettings(
    ulong? FirstSeed, int? Seeds, TimeSpan? Duration, string Protocol, int? Nodes, string? Plant, string? HtmlFile, bool IsJson);
