namespace Quorate.State;

/// <summary>
/// Opens a client session. It changes nothing else, so opening again after a lost answer, under another id, only leaves a
/// session behind that nobody uses.
/// </summary>
/// <param name="Id">Its id: random, drawn anew for each of these commands, so that a session that was forgotten is never opened again.</param>
public sealed record OpenSessionCommand(UInt128 Id) : Command;
