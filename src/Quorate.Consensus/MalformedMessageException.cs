namespace Quorate.Consensus;

/// <summary>Bytes from a peer are no message of its protocol: the connection they came over is to be closed.</summary>
/// <param name="message">What was wrong, for the log.</param>
public sealed class MalformedMessageException(string message) : FormatException(message);
