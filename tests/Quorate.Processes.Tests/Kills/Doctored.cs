using Quorate.Checking;

namespace Quorate.Processes.Tests.Kills;

/// <summary>Histories that were right until one thing in them was falsified.</summary>
internal static class Doctored
{
    /// <summary>The last write of some key vanishes from every read that saw it; a key that no deletion could have emptied since.</summary>
    public static List<Operation> WithLostWrite(IReadOnlyList<Operation> history, IReadOnlyList<KeyVersion> final)
    {
        KeyVersion lost = final.First(version =>
            history.FirstOrDefault(operation => operation.Outcome == Outcome.Ok && operation.MadeRevision && operation.Revision == version.Mod) is { } write
            && !history.Any(operation => MayHaveDeleted(operation, version.Key, write.Invoke)));
        return [.. history.Select(operation => operation with { Results = [.. operation.Results.Select(result => Without(result, lost))] })];
    }

    /// <summary>A read is told at the end what was true once, before an acknowledged write.</summary>
    public static List<Operation> WithStaleRead(IReadOnlyList<Operation> history)
    {
        long end = history.Max(operation => operation.Return);
        Operation[] puts = [.. history.Where(operation => operation is { Outcome: Outcome.Ok, If.Count: 0, Then: [{ Kind: StepKind.Put }] })];
        Operation old = history.First(operation =>
            operation is { Outcome: Outcome.Ok, If.Count: 0, Then: [{ Kind: StepKind.Range, End: null }], Results: [{ Found.Count: 1 }] }
            && puts.Any(put => put.Then[0].Key == operation.Then[0].Key && put.Invoke > operation.Return));
        return [.. history, old with { Client = -1, Invoke = end + 1, Return = end + 2 }];
    }

    private static bool MayHaveDeleted(Operation operation, string key, long since) =>
        operation.Outcome != Outcome.Failed
        && (operation.Outcome == Outcome.Unknown || operation.Return >= since)
        && operation.Then.Any(step => step.Kind == StepKind.Delete && step.Key == key);

    private static StepResult Without(StepResult result, KeyVersion lost) =>
        result with { Found = result.Found is null ? null : [.. result.Found.Where(found => found.Key != lost.Key || found.Mod != lost.Mod)] };
}
