using System.Diagnostics;
using Quorate.Checking;
using Quorate.Client;
using Quorate.Consensus;
using Quorate.Processes.Tests.Harness;
using Checked = Quorate.Checking.Operation;
using Wire = Quorate.Client.Operation;

namespace Quorate.Processes.Tests.Kills;

/// <summary>
/// One client that does one thing after the other through one node and writes down what it asked and what it was told. Its keys are
/// shared with every other client and change every second, so that the search for an order stays small.
/// </summary>
internal sealed class HistoryClient(TestNode node, int number, long begin, ulong seed)
{
    private const int KeysAtOnce = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);
    private readonly List<Checked> _operations = [];
    private readonly SeededGenerator _chance = new(seed);
    private readonly Dictionary<string, string> _lastSeen = [];
    private int _unknowns;
    private int _writes;
    private volatile int _answered;

    /// <summary>More than the clients there can be: a client that does not know what became of its request goes on under a new number.</summary>
    public const int SessionStep = 100;

    public IReadOnlyList<Checked> Operations => _operations;

    public int Answered => _answered;

    private long Now => Stopwatch.GetTimestamp() - begin;

    public async Task RunAsync(CancellationToken stop)
    {
        await using QuorateClient client = node.NewClient(timeoutSeconds: 3);
        while (!stop.IsCancellationRequested)
        {
            await StepAsync(client);
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task StepAsync(QuorateClient client)
    {
        string epoch = $"e{Now / Stopwatch.Frequency:D4}-";
        string key = $"{epoch}{_chance.Below(KeysAtOnce)}";
        switch (_chance.Below(20))
        {
            case < 7:
                string value = NewValue();
                await RecordAsync(
                    new Checked { Then = [new Step(StepKind.Put, key, Value: value)] },
                    async () => ((await client.PutAsync(key, value)).Revision, false, new StepResult()));
                break;
            case < 13:
                await RecordAsync(new Checked { Then = [new Step(StepKind.Range, key)] }, () => RangeAsync(client, key));
                break;
            case < 14:
                await RecordAsync(
                    new Checked { Then = [new Step(StepKind.Range, epoch, epoch[..^1] + ".")] },
                    () => RangeAsync(client, KeyRange.Prefix(epoch)));
                break;
            case < 16:
                await RecordAsync(new Checked { Then = [new Step(StepKind.Delete, key)] }, () => DeleteAsync(client, key));
                break;
            default:
                await CompareAndSwapAsync(client, key);
                break;
        }
    }

    private async Task CompareAndSwapAsync(QuorateClient client, string key)
    {
        string value = NewValue();
        string? expected = _lastSeen.GetValueOrDefault(key);
        var request = new Checked
        {
            If = [expected is null ? new Guard(key, GuardTarget.Version, GuardRelation.Equal) : new Guard(key, GuardTarget.Value, GuardRelation.Equal, Text: expected)],
            Then = [new Step(StepKind.Put, key, Value: value)],
            Else = [new Step(StepKind.Range, key)],
        };
        await RecordAsync(request, async () =>
        {
            TxnResult result = await client.Txn()
                .When(expected is null ? Condition.Version(key, Comparison.Equal, 0) : Condition.Value(key, Comparison.Equal, expected))
                .Then(Wire.Put(key, value))
                .Else(Wire.Range(key))
                .CommitAsync();
            return (result.Revision, !result.Succeeded, result.Results[0] is RangeResult range ? Found(range) : new StepResult());
        });
    }

    private async Task<(long Revision, bool TookElse, StepResult Result)> RangeAsync(QuorateClient client, KeyRange range)
    {
        RangeResult result = await client.RangeAsync(range);
        return (result.Revision, false, Found(result));
    }

    private static async Task<(long Revision, bool TookElse, StepResult Result)> DeleteAsync(QuorateClient client, string key)
    {
        DeleteResult result = await client.DeleteAsync(key);
        return (result.Revision, false, new StepResult(Deleted: result.Deleted));
    }

    private StepResult Found(RangeResult range)
    {
        foreach (KeyValue found in range.KeyValues)
        {
            _lastSeen[found.KeyText] = found.ValueText;
        }

        return ResultOf(range);
    }

    public static StepResult ResultOf(RangeResult range) => new(Found:
        [.. range.KeyValues.Select(VersionOf)]);

    public static KeyVersion VersionOf(KeyValue found) => new(found.KeyText, found.ValueText, found.CreateRevision, found.ModRevision, found.Version);

    private string NewValue() => $"{number}.{++_writes}";

    private async Task RecordAsync(Checked request, Func<Task<(long Revision, bool TookElse, StepResult Result)>> ask)
    {
        Checked asked = request with { Client = number + (_unknowns * SessionStep), Invoke = Now };
        try
        {
            (long revision, bool tookElse, StepResult result) = await ask();
            _operations.Add(asked with { Return = Now, Revision = revision, TookElse = tookElse, Results = [result] });
            _answered++;
        }
        catch (QuorateException failure)
        {
            bool isUnknown = failure.Outcome == RequestOutcome.Unknown;
            _operations.Add(asked with { Return = Now, Outcome = isUnknown ? Outcome.Unknown : Outcome.Failed });
            _unknowns += isUnknown ? 1 : 0;
        }
    }
}
