namespace Quorate.Checking.Tests;

/// <summary>
/// A history that is allowed by construction: each operation takes effect on a <see cref="SimulatedStore"/> at a random moment
/// between its begin and its end; some answers are lost, some operations never take effect.
/// </summary>
internal sealed class RandomHistory
{
    private readonly Random _random;
    private readonly bool _singleKeys;
    private readonly string[] _keys;
    private int _values;

    public RandomHistory(int seed, int clients, int operationsEach, int keys, bool singleKeys = false, int lostPercent = 10, bool finalRead = true)
    {
        _random = new Random(seed);
        _singleKeys = singleKeys;
        _keys = [.. Enumerable.Range(0, keys).Select(key => $"k{key}")];
        var planned = new List<(long Effect, Operation Request)>();
        for (int client = 0; client < clients; client++)
        {
            Plan(client, operationsEach, lostPercent, planned);
        }

        long end = 0;
        foreach ((long effect, Operation request) in planned.OrderBy(plan => plan.Effect))
        {
            Operation answered = effect < long.MaxValue ? Store.Perform(request) : request;
            Operations.Add(request.Outcome == Outcome.Ok ? answered : request);
            end = Math.Max(end, Math.Max(request.Return, effect < long.MaxValue ? effect : 0));
        }

        if (finalRead)
        {
            Operations.Add(Store.Perform(ReadAll(9999, end + 1, end + 2)));
        }
    }

    public SimulatedStore Store { get; } = new();

    public List<Operation> Operations { get; } = [];

    public static Operation ReadAll(int client, long invoke, long @return) =>
        new() { Client = client, Invoke = invoke, Return = @return, Then = [new Step(StepKind.Range, "\0", "\0")] };

    /// <summary>The watch of everything that a faultless server would have given, several revisions a message.</summary>
    public WatchRecording Watch(string key = "\0", string? end = "\0", long start = 1)
    {
        var responses = new List<WatchResponse> { new(WatchResponseKind.Created, 1) };
        var pending = new List<WatchedEvent>();
        for (long revision = 2; revision <= Store.Revision; revision++)
        {
            if (revision >= start)
            {
                pending.AddRange(Store.Log[(int)revision - 2].Where(change => new Step(StepKind.Range, key, end).Covers(change.Key)));
            }

            if (pending.Count > 0 && _random.Next(3) == 0)
            {
                responses.Add(new WatchResponse(WatchResponseKind.Events, revision, [.. pending]));
                pending.Clear();
            }

            if (pending.Count == 0 && _random.Next(5) == 0)
            {
                responses.Add(new WatchResponse(WatchResponseKind.Progress, revision));
            }
        }

        if (pending.Count > 0)
        {
            responses.Add(new WatchResponse(WatchResponseKind.Events, Store.Revision, pending));
        }

        return new WatchRecording { Key = key, End = end, Start = start, WithPrevious = true, Complete = true, Responses = responses };
    }

    private void Plan(int client, int operations, int lostPercent, List<(long, Operation)> planned)
    {
        long now = _random.Next(20);
        int id = client;
        for (int index = 0; index < operations; index++)
        {
            long invoke = now + _random.Next(10);
            long effect = invoke + _random.Next(15);
            now = effect + _random.Next(15);
            Operation request = Request() with { Client = id, Invoke = invoke, Return = now };
            int fate = _random.Next(100);
            if (fate < lostPercent)
            {
                // The client gave up; the store may act later, or never.
                request = request with { Outcome = Outcome.Unknown, Return = invoke + _random.Next(10) };
                effect = _random.Next(2) == 0 ? long.MaxValue : effect + _random.Next(30);
                now = request.Return;
                id += 1000;
            }
            else if (fate < lostPercent + 3)
            {
                request = request with { Outcome = Outcome.Failed };
                effect = long.MaxValue;
            }

            planned.Add((effect, request));
        }
    }

    private Operation Request()
    {
        string key = _keys[_random.Next(_keys.Length)];
        var put = new Step(StepKind.Put, key, Value: $"v{++_values}");
        var get = new Step(StepKind.Range, key);
        return _random.Next(_singleKeys ? 8 : 11) switch
        {
            < 3 => new Operation { Then = [put] },
            < 5 => new Operation { Then = [get] },
            5 => new Operation { Then = [new Step(StepKind.Delete, key)] },
            6 => new Operation { If = [new Guard(key, GuardTarget.Version, GuardRelation.Less, _random.Next(4))], Then = [put, get], Else = [get] },
            7 => new Operation
            {
                If = [new Guard(key, GuardTarget.Value, GuardRelation.Equal, Text: $"v{_random.Next(Math.Max(1, _values - 8), _values + 1)}")],
                Then = [new Step(StepKind.Delete, key)],
                Else = [put],
            },
            8 => new Operation { Then = [new Step(StepKind.Range, "\0", "\0")] },
            9 => new Operation { Then = [new Step(StepKind.Delete, "k0", "k2")] },
            _ => new Operation
            {
                If = [new Guard(_keys[^1], GuardTarget.Mod, GuardRelation.Greater, _random.Next(20))],
                Then = [put, new Step(StepKind.Range, "k", "l")],
                Else = [new Step(StepKind.Delete, _keys[^1])],
            },
        };
    }
}
