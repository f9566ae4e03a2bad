using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>What a node brings to the founding of a cluster.</summary>
/// <param name="Protocol">How the cluster is to replicate.</param>
/// <param name="PeerAddress">HOST:PORT at which peers reach this node.</param>
/// <param name="ClientUrl">URL at which clients reach this node.</param>
/// <param name="Founders">Name and HOST:PORT of every founder, this node among them, in ordinal order of names.</param>
public sealed record FoundingPlan(ProtocolKind Protocol, string PeerAddress, string ClientUrl, IReadOnlyList<Founder> Founders);

/// <summary>One of those who found a cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="PeerAddress">HOST:PORT at which peers reach it.</param>
public sealed record Founder(string Name, string PeerAddress);
