namespace Quorate.Checking;

/// <summary>
/// Holds recorded watches against what was written, with the nine questions of etcd's robustness tests: filter, ordered, unique,
/// atomic (a revision is never split), reliable (no gap), resumable (the first event is the right one), bookmarkable (progress
/// speaks true), correct previous version, correct creation. And a watch says first that it exists, and nothing after its end.
/// </summary>
/// <remarks>
/// For a revision that the operations cannot tell (a write of unknown outcome that no read saw) the watches are held against one
/// another: whatever two of them tell of one key must be the same.
/// </remarks>
public static class WatchChecker
{
    /// <summary>Checks every recording.</summary>
    /// <param name="recordings">The watches.</param>
    /// <param name="writes">What was written, from <see cref="RevisionChecker"/>.</param>
    public static CheckResult Check(IEnumerable<WatchRecording> recordings, WriteHistory writes)
    {
        ArgumentNullException.ThrowIfNull(recordings);
        ArgumentNullException.ThrowIfNull(writes);
        var problems = new ProblemList();
        var told = new Dictionary<(long, string), WatchedEvent>();
        foreach (WatchRecording recording in recordings)
        {
            new WatchFollower(recording, writes, told, problems).Run();
        }

        return problems.ToResult();
    }
}
