using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>What a replica believes at one moment.</summary>
/// <param name="Identity">Who it is.</param>
/// <param name="Configuration">The configuration in force; <see langword="null"/> before founding.</param>
/// <param name="Protocol">What its protocol believes.</param>
/// <param name="Last">Index of the end of its log.</param>
/// <param name="Decided">Everything up to here is decided.</param>
/// <param name="Applied">Everything up to here is applied.</param>
/// <param name="AppliedRound">The round of the last applied entry.</param>
public sealed record ReplicaStatus(
    NodeIdentity Identity,
    Configuration? Configuration,
    ProtocolStatus Protocol,
    ulong Last,
    ulong Decided,
    ulong Applied,
    ulong AppliedRound);
