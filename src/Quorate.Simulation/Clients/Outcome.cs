namespace Quorate.Simulation;

/// <summary>What a client knows of an operation of its own.</summary>
internal enum Outcome
{
    /// <summary>It was answered.</summary>
    Done,

    /// <summary>It surely took no effect.</summary>
    NotApplied,

    /// <summary>It may have taken effect, and may still.</summary>
    Unknown,
}
