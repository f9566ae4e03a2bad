namespace Quorate.State.Tests;

/// <summary>Answers and events as text, so that two of them can be compared and their difference read.</summary>
internal static class Describe
{
    public static string Result(CommandResult? result) => result switch
    {
        null => "nothing",
        ErrorResult error => $"error {error.Error} at {error.Revision}",
        PutResult put => $"put at {put.Revision} over {KeyValue(put.Previous)}",
        DeleteRangeResult delete => $"deleted {delete.Deleted} at {delete.Revision}: {Join(delete.Previous)}",
        RangeResult range => $"range at {range.Revision}: {Join(range.KeyValues)} more {range.More} count {range.Count}",
        TxnResult txn => $"txn {txn.Succeeded} at {txn.Revision} [{string.Join("; ", txn.Responses.Select(Result))}]",
        LeaseGrantResult grant => $"lease {grant.Id} ttl {grant.TtlSeconds} at {grant.Revision}",
        EmptyResult => $"done at {result.Revision}",
        _ => throw new InvalidOperationException(),
    };

    public static string KeyValue(KeyValue? found) => found is null
        ? "-"
        : $"{Machine.Text(found.Key)}={Machine.Text(found.Value)}(c{found.CreateRevision} m{found.ModRevision} v{found.Version} l{found.Lease})";

    public static string Revision(RevisionEvents revision) =>
        $"{revision.Revision}:{string.Join(',', revision.Events.Select(change => $"{(change.IsDelete ? "del " : "put ")}{KeyValue(change.Current)}<{KeyValue(change.Previous)}"))}";

    public static string History(IEnumerable<RevisionEvents> history) => string.Join("\n", history.Select(Revision));

    private static string Join(IReadOnlyList<KeyValue> found) => string.Join(' ', found.Select(KeyValue));
}
