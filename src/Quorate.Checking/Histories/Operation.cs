using System.Text;
using System.Text.Json.Serialization;

namespace Quorate.Checking;

/// <summary>How an operation ended for its client.</summary>
public enum Outcome
{
    /// <summary>It was answered; the answer is recorded.</summary>
    Ok = 1,

    /// <summary>It surely took no effect and never will.</summary>
    Failed,

    /// <summary>It may have taken effect at any time since it began, or may yet.</summary>
    Unknown,
}

/// <summary>
/// One operation of one client: if all guards hold the one list of steps, else the other, atomically. A put, a get or a delete is
/// one step without guards. A client has at most one operation running; after an unknown outcome it must go on under a new id.
/// </summary>
/// <remarks>
/// Checkers tell writes of unknown outcome by their values: no two puts of a history may put the same value on the same key.
/// </remarks>
public sealed record Operation
{
    /// <summary>Who asked.</summary>
    public int Client { get; init; }

    /// <summary>When it began, on the one clock of the history (any unit).</summary>
    public long Invoke { get; init; }

    /// <summary>When it was answered or given up, on the same clock; not below <see cref="Invoke"/>. Equal times are concurrent.</summary>
    public long Return { get; init; }

    /// <summary>How it ended.</summary>
    public Outcome Outcome { get => field == 0 ? Outcome.Ok : field; init; }

    /// <summary>Whether it was allowed to be answered from the past: its content must be that of its revision, whenever that was.</summary>
    public bool Serializable { get; init; }

    /// <summary>The guards; all must hold.</summary>
    public IReadOnlyList<Guard> If { get => field ?? []; init; }

    /// <summary>What to do when they hold.</summary>
    public IReadOnlyList<Step> Then { get => field ?? []; init; }

    /// <summary>What to do when they do not.</summary>
    public IReadOnlyList<Step> Else { get => field ?? []; init; }

    /// <summary>Of the answer: the store's revision right after it.</summary>
    public long Revision { get; init; }

    /// <summary>Of the answer: a guard did not hold.</summary>
    public bool TookElse { get; init; }

    /// <summary>Of the answer: one result per step of the branch that was taken.</summary>
    public IReadOnlyList<StepResult> Results { get => field ?? []; init; }

    /// <summary>The branch that was taken.</summary>
    [JsonIgnore]
    public IReadOnlyList<Step> Taken => TookElse ? Else : Then;

    /// <summary>Whether by its answer it made a revision.</summary>
    [JsonIgnore]
    public bool MadeRevision => Outcome == Outcome.Ok && Taken.Zip(Results).Any(pair =>
        pair.First.Kind == StepKind.Put || (pair.First.Kind == StepKind.Delete && pair.Second.Deleted > 0));

    /// <summary>Whether it might change anything, whichever branch is taken.</summary>
    [JsonIgnore]
    public bool MayWrite => Then.Concat(Else).Any(step => step.Kind != StepKind.Range);

    /// <summary>A put that was answered, or the request of one.</summary>
    public static Operation Put(int client, string key, string value, long invoke, long @return, long revision = 0) => new()
    {
        Client = client,
        Invoke = invoke,
        Return = @return,
        Then = [new Step(StepKind.Put, key, Value: value)],
        Revision = revision,
        Results = [new StepResult()],
    };

    /// <summary>A read of one key that was answered.</summary>
    public static Operation Get(int client, string key, KeyVersion? found, long invoke, long @return, long revision = 0) => new()
    {
        Client = client,
        Invoke = invoke,
        Return = @return,
        Then = [new Step(StepKind.Range, key)],
        Revision = revision,
        Results = [new StepResult(Found: found is null ? [] : [found])],
    };

    /// <summary>A deletion of one key that was answered.</summary>
    public static Operation Delete(int client, string key, long deleted, long invoke, long @return, long revision = 0) => new()
    {
        Client = client,
        Invoke = invoke,
        Return = @return,
        Then = [new Step(StepKind.Delete, key)],
        Revision = revision,
        Results = [new StepResult(Deleted: deleted)],
    };

    /// <summary>One line for people: client, times, request, answer.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"client {Client} [{Invoke}, {(Outcome == Outcome.Unknown ? "∞" : Return)}]");
        text.AppendJoin("", If.Select((guard, index) => $"{(index == 0 ? " if " : ", ")}{guard}"));
        text.AppendJoin("", Then.Select((step, index) => $"{(index > 0 ? ", " : If.Count > 0 ? " then " : " ")}{step}"));
        text.AppendJoin("", Else.Select((step, index) => $"{(index > 0 ? ", " : " else ")}{step}"));
        if (Outcome != Outcome.Ok)
        {
            return text.Append($" → {Outcome}").ToString();
        }

        text.Append($" → revision {Revision}{(If.Count == 0 ? "" : TookElse ? ", else" : ", then")}");
        return text.AppendJoin("", Taken.Zip(Results).Select(pair => pair.Second.Describe(pair.First.Kind))).ToString();
    }
}
