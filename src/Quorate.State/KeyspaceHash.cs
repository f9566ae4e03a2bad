namespace Quorate.State;

/// <summary>The hash of the keyspace as of a revision.</summary>
/// <param name="Hash">CRC32C as etcd computes it.</param>
/// <param name="CompactRevision">The compact revision it holds for.</param>
/// <param name="HashRevision">The revision it was computed at.</param>
public readonly record struct KeyspaceHash(uint Hash, long CompactRevision, long HashRevision);
