using Quorate.State;

namespace Quorate.Simulation;

/// <summary>A client that asks for one thing and tells when that is over.</summary>
internal sealed class Once(World world, Action<Outcome> whenOver) : IClient
{
    public void Send(Command command, SimulatedNode node) =>
        world.Workload.Send(new Operation { Token = world.Workload.NextToken(), Client = this, Command = command }, node);

    public void Read(string prefix, SimulatedNode node) =>
        world.Workload.Send(new Operation { Token = world.Workload.NextToken(), Client = this, Read = prefix }, node);

    public void Learn(Operation operation, CommandResult result)
    {
    }

    public void Learn(Operation operation, StateVersion state)
    {
    }

    public void Finished(Outcome outcome) => whenOver(outcome);
}
