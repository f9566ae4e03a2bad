namespace Quorate.Simulation;

/// <summary>What to simulate.</summary>
public sealed record SimulationOptions
{
    /// <summary>How many seeds to run; ignored with <see cref="Seed"/> or <see cref="Minutes"/>.</summary>
    public int Seeds { get; init; } = 100;

    /// <summary>The first seed; the others follow it.</summary>
    public ulong From { get; init; } = 1;

    /// <summary>Run this one seed only.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Run seeds until so many minutes are over.</summary>
    public double? Minutes { get; init; }

    /// <summary>The name of a bug to plant, one of <see cref="Simulation.PlantNames"/>; <see langword="null"/> for none.</summary>
    public string? Plant { get; init; }

    /// <summary>How many nodes, 1 to 9; <see langword="null"/> to let each seed decide.</summary>
    public int? Nodes { get; init; }

    /// <summary>How many of the last events a violation tells of, at most 4096.</summary>
    public int StoryLines { get; init; } = 60;

    /// <summary>Go on after a violation.</summary>
    public bool KeepGoing { get; init; }
}
