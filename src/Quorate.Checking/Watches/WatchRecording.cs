namespace Quorate.Checking;

/// <summary>What a message of a watch stream was.</summary>
public enum WatchResponseKind
{
    /// <summary>The watch exists.</summary>
    Created = 1,

    /// <summary>Changes.</summary>
    Events,

    /// <summary>Everything up to its revision has been delivered.</summary>
    Progress,

    /// <summary>The watch is over.</summary>
    Canceled,
}

/// <summary>One watch from its creation to its end, as its client saw it. A client that resumes makes a new recording.</summary>
public sealed record WatchRecording
{
    /// <summary>Who watched, for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>The key, or the first of a range.</summary>
    public string Key { get; init; } = "";

    /// <summary>As <see cref="Step.End"/>.</summary>
    public string? End { get; init; }

    /// <summary>The first revision asked for; 0 for whatever comes after the creation.</summary>
    public long Start { get; init; }

    /// <summary>Whether the version before was asked for.</summary>
    public bool WithPrevious { get; init; }

    /// <summary>Whether puts were left out.</summary>
    public bool NoPut { get; init; }

    /// <summary>Whether deletions were left out.</summary>
    public bool NoDelete { get; init; }

    /// <summary>
    /// Whether the client knows to have read all there was when the history ended, so that nothing may be missing at the end.
    /// </summary>
    public bool Complete { get; init; }

    /// <summary>The messages, in order.</summary>
    public IReadOnlyList<WatchResponse> Responses { get => field ?? []; init; }

    internal bool Wants(string key, bool isDelete) =>
        !(isDelete ? NoDelete : NoPut) && new Step(StepKind.Range, Key, End).Covers(key);
}

/// <summary>One message of a watch.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Revision">The store's revision it named.</param>
/// <param name="Events">Its changes.</param>
/// <param name="CompactRevision">Of a cancelation: not 0 when the watch fell behind compaction.</param>
public sealed record WatchResponse(WatchResponseKind Kind, long Revision, IReadOnlyList<WatchedEvent>? Events = null, long CompactRevision = 0);

/// <summary>One change as a watch told it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">What was put; <see langword="null"/> for a deletion.</param>
/// <param name="Create">Its create revision; 0 for a deletion.</param>
/// <param name="Mod">The revision of the change.</param>
/// <param name="Version">Its version; 0 for a deletion.</param>
/// <param name="Previous">What was there before, as far as told.</param>
public sealed record WatchedEvent(string Key, string? Value, long Create, long Mod, long Version, KeyVersion? Previous = null)
{
    /// <summary>"put a=1 at 3" or "delete a at 4".</summary>
    public override string ToString() => Value is null ? $"delete {Key} at {Mod}" : $"put {Key}={Value} at {Mod} (create {Create}, version {Version})";
}
