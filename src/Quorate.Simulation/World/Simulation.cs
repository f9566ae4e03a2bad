using Quorate.Consensus;

namespace Quorate.Simulation;

/// <summary>
/// One run of the virtual world. First anything goes; then a random quorum is healed, everything else stays broken for ever,
/// and the cluster must serve within a bound. The seed decides everything.
/// </summary>
public sealed class Simulation
{
    private readonly World _world;
    private readonly SeededGenerator _generator;
    private readonly ulong _seed;

    /// <summary>Draws a world from a seed.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="plant">The name of a planted bug, one of <see cref="PlantNames"/>; <see langword="null"/> for none.</param>
    /// <param name="nodes">How many nodes, 1 to 9; <see langword="null"/> to let the seed decide.</param>
    /// <exception cref="ArgumentException">There is no such planted bug.</exception>
    public Simulation(ulong seed, string? plant = null, int? nodes = null)
    {
        Plants? plants = Plants.None;
        if (plant is not null && !Plants.TryParse(plant, out plants))
        {
            throw new ArgumentException($"No planted bug is called {plant}.", nameof(plant));
        }

        _seed = seed;
        _generator = new SeededGenerator(seed);
        var knobs = Knobs.Draw(_generator.Split(), nodes);
        _world = new World(knobs, plants!, _generator.Split());
    }

    /// <summary>How many of the last events a violation tells of, at most 4096.</summary>
    public int StoryLines { get; init; } = 60;

    /// <summary>The names of all bugs that can be planted.</summary>
    public static IReadOnlyList<string> PlantNames => Plants.Names;

    /// <summary>Runs to the end, or to the first violation.</summary>
    public SimulationResult Run()
    {
        Violation? violation = null;
        try
        {
            Begin();
            _world.RunUntil(_world.Knobs.MaxFaultsUs, () => _world.Workload.Completed >= _world.Knobs.EnoughOperations);
            new Settlement(_world, _generator.Split()).Run();
        }
        catch (ViolationException found)
        {
            violation = new Violation(found.Rule, found.Message, _world.Trace.Tell(StoryLines));
        }
        catch (Exception found)
        {
            // Whatever a node throws is a bug: its assertions are oracles too.
            violation = new Violation("exception", found.ToString(), _world.Trace.Tell(StoryLines));
        }

        return new SimulationResult(
            _seed, violation, _world.Trace.Hash, _world.Events, _world.NowUs, _world.Workload.Completed, _world.Knobs.Nodes,
            _world.Tally.Faults, _world.Tally.Seen, _world.Knobs.ToString());
    }

    private void Begin()
    {
        foreach (SimulatedNode node in _world.Nodes)
        {
            node.Start(mayDie: false);
        }

        _world.Network.Start();
        _world.Workload.Start();
        _world.Nemesis.Start();
        WatchQuorum();
    }

    private void WatchQuorum() => _world.After(100_000, () =>
    {
        _world.Judge.CheckQuorumLog();
        WatchQuorum();
    });
}
