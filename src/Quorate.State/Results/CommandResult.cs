namespace Quorate.State;

/// <summary>What a command brought about, for the client that sent it. Built only on the node that client speaks to.</summary>
/// <param name="Revision">The store's revision after it.</param>
public abstract record CommandResult(long Revision);
