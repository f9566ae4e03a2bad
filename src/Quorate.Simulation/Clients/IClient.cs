using Quorate.State;

namespace Quorate.Simulation;

/// <summary>Whoever sent an operation.</summary>
internal interface IClient
{
    /// <summary>A command was answered.</summary>
    void Learn(Operation operation, CommandResult result);

    /// <summary>A read was answered.</summary>
    void Learn(Operation operation, StateVersion state);

    /// <summary>The operation is over, one way or another.</summary>
    void Finished(Outcome outcome);
}
