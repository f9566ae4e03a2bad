namespace Quorate.State;

/// <summary>Deletes every key of a range; a new revision only if there was one.</summary>
/// <param name="Range">Which keys.</param>
/// <param name="ReturnPrevious">Answer with what was deleted.</param>
public sealed record DeleteRangeCommand(KeyRange Range, bool ReturnPrevious = false) : Command;
