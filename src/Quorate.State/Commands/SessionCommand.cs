namespace Quorate.State;

/// <summary>A command that takes effect once under its sequence number, however often it comes.</summary>
/// <param name="Session">The session, opened before by <see cref="OpenSessionCommand"/>.</param>
/// <param name="Sequence">Names the request within the session; from 1, above <paramref name="Acknowledged"/> by at most <see cref="SessionLimits.Window"/>.</param>
/// <param name="Acknowledged">The client will not send this or any lower number again: their answers need not be kept.</param>
/// <param name="Inner">What it does; no command about sessions.</param>
public sealed record SessionCommand(UInt128 Session, long Sequence, long Acknowledged, Command Inner) : Command;
