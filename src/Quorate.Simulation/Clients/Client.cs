using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>A client without a session: one operation at a time, on one node as long as that node answers.</summary>
internal sealed class Client : IClient
{
    private readonly World _world;
    private readonly SeededGenerator _generator;
    private readonly Wishes _wishes;
    private SimulatedNode _node;

    public Client(World world, int number, SeededGenerator generator)
    {
        _world = world;
        _generator = generator;
        _wishes = new Wishes(world, number, generator);
        _node = world.Nodes[number % world.Nodes.Length];
    }

    public void Start() => _world.After(_generator.Delay(_world.Knobs.ThinkUs), Ask);

    public void Learn(Operation operation, CommandResult result) => _wishes.Learn(operation.Command!, result);

    public void Learn(Operation operation, StateVersion state) => _wishes.Learn(operation.Read!, state);

    /// <summary>The operation is over, one way or another.</summary>
    public void Finished(Outcome outcome)
    {
        if (outcome != Outcome.Done || _generator.Chance(30))
        {
            _node = _world.Nodes[(int)_generator.Below((ulong)_world.Nodes.Length)];
        }

        if (!_world.Workload.IsClosed)
        {
            _world.After(_generator.Delay(_world.Knobs.ThinkUs), Ask);
        }
    }

    private void Ask()
    {
        if (!_world.Workload.IsClosed)
        {
            Wish wish = _wishes.Draw();
            var operation = new Operation
            {
                Token = _world.Workload.NextToken(),
                Client = this,
                Command = wish.Command,
                Read = wish.Read,
                ReadRevision = wish.Revision,
            };
            _world.Workload.Send(operation, _node);
        }
    }
}
