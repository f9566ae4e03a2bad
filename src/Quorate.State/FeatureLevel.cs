namespace Quorate.State;

/// <summary>
/// What the configuration's feature level means (DESIGN §4). Each level has everything of those below it. A command that
/// belongs to a level above that of the configuration in force is refused by every build, so that a rolling upgrade never
/// makes two replicas apply one entry differently; the level is raised only when every member knows it.
/// </summary>
public static class FeatureLevel
{
    /// <summary>What every build knows.</summary>
    public const uint First = 1;

    /// <summary>Client sessions: <see cref="OpenSessionCommand"/>, <see cref="SessionCommand"/>.</summary>
    public const uint Sessions = 2;

    /// <summary>The highest level this build knows; new clusters are founded with it.</summary>
    public const uint Newest = Sessions;

    /// <summary>Why this build cannot take part in a group of this level; <see langword="null"/> when it can.</summary>
    public static string? Objection(uint level) => level <= Newest
        ? null
        : $"The cluster is at feature level {level}, this build knows levels up to {Newest}. Start a build that knows level {level}.";
}
