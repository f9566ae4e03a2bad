using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>Who a node is. One value of it is one incarnation.</summary>
/// <param name="ClusterId">The cluster it belongs to; 0 before founding.</param>
/// <param name="Node">The identity made when its disk was formatted.</param>
/// <param name="Name">Its name.</param>
/// <param name="Boot">The number of this run, durable before its first message; 1 for the first.</param>
public sealed record NodeIdentity(ulong ClusterId, NodeId Node, string Name, uint Boot);
