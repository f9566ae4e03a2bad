namespace Quorate.Cli.Up;

/// <summary>What <c>quorate up</c> was told; <see langword="null"/> where nothing was said.</summary>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Protocol">The protocol to found the cluster with.</param>
/// <param name="DataDirectory">Full path.</param>
/// <param name="ClientPort">The first node's client port.</param>
/// <param name="PeerPort">The first node's peer port.</param>
/// <param name="PortStep">What lies between the ports of two neighbours.</param>
/// <param name="Only">The one node to start.</param>
/// <param name="Extra">More options for every <c>serve</c>.</param>
internal sealed record UpSettings(
    int? Nodes,
    string? Protocol,
    string DataDirectory,
    int? ClientPort,
    int? PeerPort,
    int? PortStep,
    string? Only,
    IReadOnlyList<string> Extra)
{
    public const int DefaultNodes = 3;
    public const int MostNodes = 9;
    public const string DefaultProtocol = "raft";
    public const int DefaultClientPort = 2379;
    public const int DefaultPeerPort = 2380;
    public const int DefaultPortStep = 10_000;
}
