namespace Quorate.State;

/// <summary>Puts a key.</summary>
/// <param name="Key">The key; not empty.</param>
/// <param name="Value">The value; ignored with <paramref name="IgnoreValue"/>.</param>
/// <param name="Lease">The lease to hang it on, 0 to take it off any.</param>
/// <param name="ReturnPrevious">Answer with what it replaced.</param>
/// <param name="IgnoreValue">Keep the value the key has; the key must exist.</param>
/// <param name="IgnoreLease">Keep the lease the key has; the key must exist.</param>
public sealed record PutCommand(
    ReadOnlyMemory<byte> Key,
    ReadOnlyMemory<byte> Value,
    long Lease = 0,
    bool ReturnPrevious = false,
    bool IgnoreValue = false,
    bool IgnoreLease = false) : Command;
