namespace Quorate.State;

/// <summary>A command under a session as it lies in the bytes of an entry.</summary>
/// <param name="Session">The session.</param>
/// <param name="Sequence">The request's number; positive.</param>
/// <param name="Acknowledged">The highest number whose answer need not be kept; below <paramref name="Sequence"/>.</param>
/// <param name="Command">What it does, encoded as a command of its own.</param>
internal readonly record struct SessionFields(UInt128 Session, long Sequence, long Acknowledged, ReadOnlyMemory<byte> Command)
{
    /// <summary>The kind of the command; <c>default</c> when its bytes are too few to say.</summary>
    public CommandKind Kind => Command.Length > 1 ? (CommandKind)Command.Span[1] : default;
}
