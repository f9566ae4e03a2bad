using System.Text;
using Quorate.Storage;

namespace Quorate.State.Tests;

/// <summary>A state machine with words that tests read well with: keys are text, each command is an entry of its own.</summary>
internal sealed class Machine : IStateObserver
{
    public Machine(StateOptions? options = null)
        : this(new StateMachine(new OrderedMap(), options ?? new StateOptions()))
    {
    }

    public Machine(StateMachine state)
    {
        State = state;
        State.Observer = this;
    }

    public StateMachine State { get; }

    public List<RevisionEvents> Seen { get; } = [];

    public long TimeMs { get; set; }

    public StateVersion Now => State.Current;

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);

    public static KeyRange Key(string key) => new(Bytes(key), default);

    public static KeyRange Span(string key, string end) => new(Bytes(key), Bytes(end));

    public static KeyRange Everything => Span("\0", "\0");

    public static PutCommand PutOf(string key, string value = "v", long lease = 0) => new(Bytes(key), Bytes(value), lease);

    public static DeleteRangeCommand DeleteOf(string key, string end = "") => new(Span(key, end));

    public static RangeCommand RangeOf(string key, string end = "", long revision = 0) =>
        new(new RangeQuery(Span(key, end)) { Revision = revision });

    public static TxnCommand TxnOf(params Command[] operations) => new([], operations, []);

    public void OnRevision(RevisionEvents events) => Seen.Add(events);

    public CommandResult Do(Command command) => DoBytes(CommandCodec.Encode(command));

    public CommandResult DoBytes(ReadOnlyMemory<byte> bytes)
    {
        State.BeginEntry(State.AppliedIndex + 1, TimeMs, FeatureLevel.Newest);
        CommandResult? result = State.Apply(bytes, wantResult: true);
        State.EndEntry();
        State.Publish();
        Assert.NotNull(result);
        return result;
    }

    public long Put(string key, string value = "v", long lease = 0) => Assert.IsType<PutResult>(Do(PutOf(key, value, lease))).Revision;

    public DeleteRangeResult Delete(string key, string end = "") => Assert.IsType<DeleteRangeResult>(Do(DeleteOf(key, end)));

    public TxnResult Txn(params Command[] operations) => Assert.IsType<TxnResult>(Do(TxnOf(operations)));

    public void Compact(long revision) => Assert.IsType<EmptyResult>(Do(new CompactCommand(revision)));

    public void Grant(long id, long ttlSeconds) => Assert.IsType<LeaseGrantResult>(Do(new LeaseGrantCommand(id, ttlSeconds)));

    public StateError ErrorOf(Command command) => Assert.IsType<ErrorResult>(Do(command)).Error;

    public string? ValueOf(string key, long revision = 0)
    {
        RangeResult result = Now.Range(new RangeQuery(Key(key)) { Revision = revision });
        return result.KeyValues.Count == 0 ? null : Text(result.KeyValues[0].Value);
    }

    /// <summary>The keys a query finds, joined by blanks.</summary>
    public string KeysOf(RangeQuery query) => string.Join(' ', Now.Range(query).KeyValues.Select(found => Text(found.Key)));

    public string KeysOf(KeyRange range, long revision = 0) => KeysOf(new RangeQuery(range) { Revision = revision });

    /// <summary>The history of a range as text: <c>2:+a 3:-a,+b</c>.</summary>
    public string History(KeyRange range, long from, int maxRevisions = int.MaxValue)
    {
        var history = new List<RevisionEvents>();
        Now.ReadHistory(range, from, maxRevisions, history);
        return Describe(history);
    }

    public static string Describe(IEnumerable<RevisionEvents> history) =>
        string.Join(' ', history.Select(revision =>
            $"{revision.Revision}:{string.Join(',', revision.Events.Select(change => (change.IsDelete ? "-" : "+") + Text(change.Current.Key)))}"));
}
