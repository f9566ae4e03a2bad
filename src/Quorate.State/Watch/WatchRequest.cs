namespace Quorate.State;

/// <summary>What a watcher wants to see.</summary>
/// <param name="Range">Which keys.</param>
/// <param name="StartRevision">First revision to deliver; 0 for whatever comes after its creation. A future one delivers nothing before it.</param>
/// <param name="WithPrevious">Keep <see cref="WatchEvent.Previous"/>, where it is not compacted.</param>
/// <param name="NoPut">Leave puts out.</param>
/// <param name="NoDelete">Leave deletions out.</param>
/// <param name="ProgressNotify">Tell its progress from time to time when nothing else is told.</param>
public sealed record WatchRequest(KeyRange Range, long StartRevision, bool WithPrevious, bool NoPut, bool NoDelete, bool ProgressNotify);
