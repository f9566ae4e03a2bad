using Quorate.Replica;
using Quorate.State;

namespace Quorate.Simulation;

/// <content>What clients are told.</content>
internal sealed partial class Judge
{
    public void OnProposed(RequestId id, Operation operation) => Model.Expect(id, operation);

    /// <summary>A command was answered: it is decided, once, behind everything that was decided when its client asked, with this result.</summary>
    public void OnAnswered(SimulatedNode node, Operation operation, CommandResult result)
    {
        bool isDecided = Model.TryGetResult(operation.Id, out ulong index, out string expected);
        ViolationException.Require(isDecided, "R5", $"{node.Name} answers {operation.Text}, which is not decided");
        ViolationException.Require(
            index > operation.DecidedBefore, "R16", $"{operation.Text} was applied at {index}, before it was asked for (then {operation.DecidedBefore} was decided)");
        string actual = ResultText.Of(result);
        ViolationException.Require(actual == expected, "state", $"{node.Name} answers {operation.Text} with '{actual}', expected is '{expected}'");
    }

    /// <summary>A command was refused for good: it must not be applied unless the node said that it may.</summary>
    public void OnRefused(SimulatedNode node, Operation operation)
    {
        bool isDecided = operation.Id != RequestId.None && Model.TryGetResult(operation.Id, out _, out _);
        ViolationException.Require(!isDecided, "R16", $"{node.Name} refuses {operation.Text} as never applied, but it is decided");
    }

    /// <summary>R14: a read sees everything that was decided when its client asked, and what it sees is true.</summary>
    public void OnRead(SimulatedNode node, Operation operation, StateVersion state)
    {
        ViolationException.Require(
            state.AppliedIndex >= operation.DecidedBefore, "R14",
            $"{node.Name} serves a read from index {state.AppliedIndex}, though {operation.DecidedBefore} was decided before it was asked for");
        ViolationException.Require(
            Model.MomentAt(state.AppliedIndex).Revision == state.Revision, "R14", $"{node.Name} serves revision {state.Revision} at index {state.AppliedIndex}");
        CheckRange(node, state, operation.Read!, operation.ReadRevision);
    }

    /// <summary>Reads a range from a state and holds it against the model.</summary>
    public void CheckRange(SimulatedNode node, StateVersion state, string prefix, long revision)
    {
        var query = new RangeQuery(Operation.PrefixRange(prefix)) { Revision = revision };
        string actual;
        string expected;
        try
        {
            actual = string.Join(", ", state.Range(query).KeyValues.Select(ResultText.Of));
        }
        catch (StateException refused)
        {
            actual = refused.Error.ToString();
        }

        if (revision > state.Revision || (revision > 0 && revision < state.CompactRevision))
        {
            expected = (revision > state.Revision ? StateError.FutureRevision : StateError.Compacted).ToString();
        }
        else
        {
            expected = string.Join(", ", Model.Range(prefix, revision <= 0 ? state.Revision : revision));
        }

        ViolationException.Require(
            actual == expected, "MVCC", $"{node.Name} reads {prefix}* at {revision} (store at {state.Revision}) as [{actual}], expected is [{expected}]");
    }
}
