namespace Quorate.State;

/// <summary>One version of a key, as etcd's <c>mvccpb.KeyValue</c>. A tombstone has only a key and a mod revision.</summary>
/// <param name="Key">The key; never empty.</param>
/// <param name="Value">The value.</param>
/// <param name="CreateRevision">Revision of the write that created this generation of the key.</param>
/// <param name="ModRevision">Revision of the write that made this version.</param>
/// <param name="Version">1 for the first version of a generation, then one more each.</param>
/// <param name="Lease">The lease the key hangs on; 0 for none.</param>
public sealed record KeyValue(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision, long Version, long Lease);
