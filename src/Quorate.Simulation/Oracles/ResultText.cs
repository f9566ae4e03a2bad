using System.Text;
using Quorate.State;

namespace Quorate.Simulation;

/// <summary>Answers in words, the same for the model and for the real thing, so that they can be compared and read.</summary>
internal static class ResultText
{
    public static string Of(CommandResult result) => $"r{result.Revision} {Body(result)}";

    public static string Error(StateError error) => $"error {error}";

    public static string Put(string? previous) => $"put [{previous}]";

    public static string Delete(long count, IReadOnlyList<string> previous) => $"deleted {count} [{string.Join(", ", previous)}]";

    public static string Txn(bool succeeded, IReadOnlyList<string> answers) => $"txn {succeeded} [{string.Join("; ", answers)}]";

    public static string Range(IReadOnlyList<string> found) => $"range [{string.Join(", ", found)}]";

    public static string Grant(long id, long ttlSeconds) => $"lease {id} for {ttlSeconds}";

    public static string Of(KeyValue pair) =>
        $"{Text(pair.Key)}={Text(pair.Value)} c{pair.CreateRevision} m{pair.ModRevision} v{pair.Version} l{pair.Lease}";

    private static string Body(CommandResult result) => result switch
    {
        ErrorResult error => Error(error.Error),
        PutResult put => Put(put.Previous is null ? null : Of(put.Previous)),
        DeleteRangeResult delete => Delete(delete.Deleted, [.. delete.Previous.Select(Of)]),
        TxnResult txn => Txn(txn.Succeeded, [.. txn.Responses.Select(Body)]),
        RangeResult range => Range([.. range.KeyValues.Select(Of)]),
        LeaseGrantResult grant => Grant(grant.Id, grant.TtlSeconds),
        EmptyResult => string.Empty,
        _ => result.ToString(),
    };

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);
}
