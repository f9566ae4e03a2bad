using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>Records to be read back from the log.</summary>
/// <param name="For">The peer that wants them.</param>
/// <param name="FirstIndex">The index of the entry in the first record.</param>
/// <param name="Position">The position of that record.</param>
/// <param name="MaxBytes">Stop when this much is read; at least one record.</param>
public sealed record LogRead(NodeId For, ulong FirstIndex, long Position, int MaxBytes);
