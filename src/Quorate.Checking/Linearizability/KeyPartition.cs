namespace Quorate.Checking;

/// <summary>
/// Splits a history into parts that share no key, which may be checked apart (linearizability is local, Herlihy and Wing 1990): by key
/// where every operation has one, else keys that some operation joins stay together.
/// </summary>
internal static class KeyPartition
{
    public static IEnumerable<(string[] Keys, List<Operation> Operations)> Split(IReadOnlyList<Operation> history)
    {
        List<Operation> relevant = [.. history.Where(operation =>
            operation.Outcome == Outcome.Ok || (operation.Outcome == Outcome.Unknown && operation.MayWrite))];
        string[] keys = [.. relevant.SelectMany(NamedKeys).Distinct().Order(StringComparer.Ordinal)];
        List<Operation> projected = [.. relevant.SelectMany(operation => Project(operation, keys))];
        int[] parents = [.. Enumerable.Range(0, keys.Length)];
        List<(Operation Operation, int Key)> placed = [.. projected.Select(operation => (operation, Join(operation, keys, parents)))];
        ILookup<int, Operation> operations = placed.Where(place => place.Key >= 0).ToLookup(place => Root(parents, place.Key), place => place.Operation);
        foreach (IGrouping<int, int> part in Enumerable.Range(0, keys.Length).GroupBy(key => Root(parents, key)))
        {
            yield return ([.. part.Select(key => keys[key])], [.. operations[part.Key]]);
        }
    }

    /// <summary>
    /// A read of many keys becomes a read of each: what is linearizable stays so, and keys need not be searched together. That
    /// the keys were read at one moment is left to the check by revision.
    /// </summary>
    private static IEnumerable<Operation> Project(Operation operation, string[] keys)
    {
        if (operation is not { If.Count: 0, Then: [{ Kind: StepKind.Range, End: not null } step] })
        {
            return [operation];
        }

        IReadOnlyList<KeyVersion> found = operation.Results[0].Found ?? [];
        return keys.Where(step.Covers).Select(key => operation with
        {
            Then = [new Step(StepKind.Range, key)],
            Results = [new StepResult(Found: [.. found.Where(version => version.Key == key)])],
        });
    }

    /// <summary>Joins the keys an operation concerns.</summary>
    /// <returns>One of them, or −1 when it concerns none that is ever named.</returns>
    private static int Join(Operation operation, string[] keys, int[] parents)
    {
        int first = -1;
        foreach (string guarded in operation.If.Select(guard => guard.Key))
        {
            first = Join(first, Array.BinarySearch(keys, guarded, StringComparer.Ordinal), parents);
        }

        foreach (Step step in operation.Then.Concat(operation.Else))
        {
            int key = Array.BinarySearch(keys, step.Key, StringComparer.Ordinal);
            for (key = key < 0 ? ~key : key; key < keys.Length && step.Covers(keys[key]); key++)
            {
                first = Join(first, key, parents);
            }
        }

        return first;
    }

    private static int Join(int first, int key, int[] parents)
    {
        if (first >= 0)
        {
            parents[Root(parents, key)] = Root(parents, first);
        }

        return key;
    }

    private static int Root(int[] parents, int key)
    {
        while (parents[key] != key)
        {
            parents[key] = parents[parents[key]];
            key = parents[key];
        }

        return key;
    }

    private static IEnumerable<string> NamedKeys(Operation operation) => operation.If.Select(guard => guard.Key)
        .Concat(operation.Then.Concat(operation.Else).Where(step => step.End is null).Select(step => step.Key))
        .Concat(operation.Results.SelectMany(result => result.Found ?? []).Select(found => found.Key));
}
