using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>Compacts up to some recent revision from time to time.</summary>
internal sealed class Compactor(World world, SeededGenerator generator)
{
    public void Start() => world.After(generator.Delay(world.Knobs.CompactEveryUs), Compact);

    private void Compact()
    {
        if (world.Workload.IsClosed)
        {
            return;
        }

        SimulatedNode node = generator.Pick<SimulatedNode>(world.Nodes);
        if (node.State is { } state && state.Revision > 1)
        {
            var client = new Once(world, _ => Start());
            client.Send(new CompactCommand(generator.Between(Math.Max(1, state.Revision - 20), state.Revision)), node);
        }
        else
        {
            Start();
        }
    }
}
