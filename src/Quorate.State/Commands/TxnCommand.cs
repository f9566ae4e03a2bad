namespace Quorate.State;

/// <summary>If all compares hold the one list of operations, else the other, as one revision.</summary>
/// <param name="Compares">The guards; all must hold. None: they hold.</param>
/// <param name="Success">Operations when they hold: put, delete range, range or a nested transaction.</param>
/// <param name="Failure">Operations when they do not.</param>
public sealed record TxnCommand(IReadOnlyList<Compare> Compares, IReadOnlyList<Command> Success, IReadOnlyList<Command> Failure) : Command;
