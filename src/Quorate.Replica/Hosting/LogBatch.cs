namespace Quorate.Replica;

/// <summary>Records to be written and flushed together.</summary>
/// <param name="Caption">The caption for the header, as of the end of the batch.</param>
/// <param name="Records">The records, in order. Their bytes are good until the replica is told that they are durable.</param>
/// <param name="LastPosition">The position of the last of them.</param>
/// <param name="IsAwaited">
/// Whether the replica can do something as soon as it hears that they are durable: it leads, or looks for a leader. A follower
/// cannot, since what it has to say is held by the driver.
/// </param>
public sealed record LogBatch(ReadOnlyMemory<byte> Caption, IReadOnlyList<ReadOnlyMemory<byte>> Records, long LastPosition, bool IsAwaited);
