namespace Quorate.Consensus;

/// <summary>Something that must always hold does not. The node must stop; it must not retry.</summary>
/// <param name="message">What was expected.</param>
public sealed class InvariantException(string message) : Exception(message);
