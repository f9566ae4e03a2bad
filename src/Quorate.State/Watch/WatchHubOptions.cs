namespace Quorate.State;

/// <summary>The bounds a <see cref="WatchHub"/> keeps.</summary>
public sealed record WatchHubOptions
{
    /// <summary>Shortest <see cref="ProgressIntervalMs"/>, as etcd's.</summary>
    public const long MinProgressIntervalMs = 100;

    /// <summary>Un-consumed bytes of one stream at which its watchers stop being fed; they resume when half of it is left.</summary>
    public int StreamBytes { get; init; } = 4 << 20;

    /// <summary>A message of events is closed by the first revision that brings it here; a single revision may be larger.</summary>
    public int MessageBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Messages of events that are pushed at once in any <see cref="GatherMs"/>. Past it revisions gather until those are over: in a
    /// stream of writes, what many watchers see reaches each of them in fewer and larger messages.
    /// </summary>
    public int PromptMessages { get; init; } = 16;

    /// <summary>The longest that events gather, in milliseconds, to the next tick.</summary>
    public long GatherMs { get; init; } = 30;

    /// <summary>Most revisions kept at hand for watchers that are a little behind.</summary>
    public int RecentRevisions { get; init; } = 8192;

    /// <summary>Most bytes those revisions may take.</summary>
    public long RecentBytes { get; init; } = 16 << 20;

    /// <summary>Most events one step of catching up looks at (a single revision may exceed it).</summary>
    public int StepEvents { get; init; } = 8192;

    /// <summary>Most catch-up jobs that are taken and not completed.</summary>
    public int Jobs { get; init; } = 2;

    /// <summary>Most watchers that share one job.</summary>
    public int JobWatchers { get; init; } = 256;

    /// <summary>Most revisions one job reads of each range.</summary>
    public int JobRevisions { get; init; } = 4096;

    /// <summary>A job begins to read no further range once it has found this many bytes. What it finds are slices of the version it holds.</summary>
    public long JobBytes { get; init; } = 4 << 20;

    /// <summary>Time between two unasked-for progress messages of a quiet watcher, in milliseconds; up to a tenth is added, differing by stream.</summary>
    public long ProgressIntervalMs { get; init; } = 600_000;

    /// <summary>What that tenth is drawn from.</summary>
    public ulong Seed { get; init; }

    /// <summary>Bugs planted on purpose, to be found.</summary>
    internal WatchPlants Plants { get; init; }

    /// <summary>Checks that every bound leaves room to work.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One does not.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(StreamBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MessageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PromptMessages, 0);
        ArgumentOutOfRangeException.ThrowIfNegative(GatherMs);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecentRevisions, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecentBytes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(StepEvents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Jobs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(JobWatchers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(JobRevisions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(JobBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ProgressIntervalMs, MinProgressIntervalMs);
    }
}
