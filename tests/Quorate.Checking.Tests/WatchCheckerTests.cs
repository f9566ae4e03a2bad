namespace Quorate.Checking.Tests;

public sealed class WatchCheckerTests
{
    private readonly RandomHistory _history = new(7, clients: 5, operationsEach: 60, keys: 4, lostPercent: 0);
    private readonly WriteHistory _writes;

    public WatchCheckerTests()
    {
        _writes = RevisionChecker.Check(_history.Operations).Writes;
    }

    private CheckResult Check(params WatchRecording[] recordings) => WatchChecker.Check(recordings, _writes);

    private void Rejects(string why, params WatchRecording[] recordings) => Assert.Contains(why, Check(recordings).ToString(), StringComparison.Ordinal);

    /// <summary>Changes the messages of events, one revision each, of a watch of everything.</summary>
    private WatchRecording Doctored(Action<List<WatchResponse>> change)
    {
        var responses = new List<WatchResponse> { new(WatchResponseKind.Created, 1) };
        responses.AddRange(_history.Store.Log.Select(events => new WatchResponse(WatchResponseKind.Events, events[0].Mod, events)));
        change(responses);
        return _history.Watch() with { Responses = responses };
    }

    [Fact]
    public void True_streams_are_accepted_with_and_without_lost_answers()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var history = new RandomHistory(seed, clients: 4, operationsEach: 40, keys: 4, lostPercent: seed % 30);
            WriteHistory writes = RevisionChecker.Check(history.Operations).Writes;
            WatchRecording[] recordings =
            [
                history.Watch(), history.Watch("k1", null), history.Watch("k1", "k3", 5), history.Watch(start: history.Store.Revision + 5),
                history.Watch() with { NoPut = true, Responses = [new(WatchResponseKind.Created, 1)], Complete = false },
            ];
            CheckResult result = WatchChecker.Check(recordings, writes);
            Assert.True(result.Verdict == Verdict.Ok, $"seed {seed}: {result}");
        }
    }

    [Fact]
    public void A_lost_event_is_found_in_the_middle_at_the_beginning_and_at_the_end()
    {
        Rejects("reliable", Doctored(responses => responses.RemoveAt(10)));
        Rejects("resumable", Doctored(responses => responses.RemoveAt(1)));
        Rejects("reliable: missing at the end", Doctored(responses => responses.RemoveAt(responses.Count - 1)));
    }

    [Fact]
    public void A_duplicated_event_is_found()
    {
        Rejects("atomic", Doctored(responses => responses.Insert(11, responses[10])));
        Rejects("ordered", Doctored(responses => responses.Insert(13, responses[10])));
        Rejects("unique", Doctored(responses => responses[10] = responses[10] with { Events = [.. responses[10].Events!, responses[10].Events![0]] }));
    }

    [Fact]
    public void A_swapped_pair_is_found() =>
        Rejects("ordered", Doctored(responses => (responses[10], responses[11]) = (responses[11], responses[10])));

    [Fact]
    public void A_split_revision_is_found()
    {
        int Wide(List<WatchResponse> responses) => responses.FindIndex(1, response => response.Events!.Count > 1);
        Rejects("atomic", Doctored(responses =>
        {
            int wide = Wide(responses);
            WatchResponse whole = responses[wide];
            responses[wide] = whole with { Events = [whole.Events![0]] };
            responses.Insert(wide + 1, whole with { Events = [.. whole.Events.Skip(1)] });
        }));
        Rejects("came without its change", Doctored(responses =>
        {
            int wide = Wide(responses);
            responses[wide] = responses[wide] with { Events = [responses[wide].Events![0]] };
        }));
    }

    [Fact]
    public void An_event_outside_the_filter_is_found()
    {
        Rejects("filter", _history.Watch() with { Key = "k1", End = null });
        Rejects("filter", _history.Watch() with { NoDelete = true });
        Rejects("before the start revision", _history.Watch() with { Start = 5 });
    }

    [Fact]
    public void Progress_that_comes_too_early_or_goes_back_is_found()
    {
        Rejects("bookmarkable", Doctored(responses => responses.Insert(10, new WatchResponse(WatchResponseKind.Progress, responses[10].Revision))));
        Rejects("progress went back", Doctored(responses => responses.InsertRange(10,
            [new(WatchResponseKind.Progress, responses[9].Revision), new(WatchResponseKind.Progress, responses[9].Revision - 1)])));
    }

    [Fact]
    public void A_wrong_value_creation_or_previous_version_is_found()
    {
        WatchRecording Changed(Func<WatchedEvent, WatchedEvent> change, Func<WatchedEvent, bool> where) => Doctored(responses =>
        {
            int index = responses.FindIndex(1, response => where(response.Events![0]));
            responses[index] = responses[index] with { Events = [change(responses[index].Events![0]), .. responses[index].Events!.Skip(1)] };
        });
        Rejects(" was k", Changed(watched => watched with { Value = "other" }, watched => watched.Value is not null));
        Rejects("creation", Changed(watched => watched with { Create = watched.Mod, Version = 1 }, watched => watched.Version > 1));
        Rejects("previous", Changed(watched => watched with { Previous = watched.Previous! with { Value = "other" } }, watched => watched.Previous is not null));
        Rejects("previous", _history.Watch() with { WithPrevious = false });
        Rejects("never happened", Changed(watched => watched with { Key = "k9" }, watched => watched.Value is not null));
    }

    [Fact]
    public void A_watch_speaks_in_order_of_its_life()
    {
        Rejects("creation", Doctored(responses => responses.RemoveAt(0)));
        Rejects("after its end", Doctored(responses => responses.Insert(5, new WatchResponse(WatchResponseKind.Canceled, 9))));
        Rejects("without need", Doctored(responses => responses.Add(new WatchResponse(WatchResponseKind.Canceled, 9, CompactRevision: 3))));
        Rejects("empty", Doctored(responses => responses.Add(new WatchResponse(WatchResponseKind.Events, 9, []))));
        Assert.Equal(Verdict.Ok, Check(_history.Watch() with { Responses = [new(WatchResponseKind.Created, 9), new(WatchResponseKind.Canceled, 9, CompactRevision: 3)] }).Verdict);
    }

    [Fact]
    public void Watches_of_a_write_that_the_operations_cannot_tell_must_agree()
    {
        Operation[] history =
        [
            Operation.Put(1, "a", "1", 0, 1, 2),
            Operation.Delete(2, "a", 1, 2, 3) with { Outcome = Outcome.Unknown },
            Operation.Put(3, "b", "2", 4, 5, 4),
        ];
        WriteHistory writes = RevisionChecker.Check(history).Writes;
        WatchRecording Telling(WatchedEvent told) => new()
        {
            Key = "a",
            Start = 3,
            Responses = [new(WatchResponseKind.Created, 1), new(WatchResponseKind.Events, 4, [told])],
        };
        WatchRecording deletion = Telling(new WatchedEvent("a", null, 0, 3, 0));
        Assert.Equal(Verdict.Ok, WatchChecker.Check([deletion, deletion], writes).Verdict);
        Assert.Equal(Verdict.Violation, WatchChecker.Check([deletion, Telling(new WatchedEvent("a", "x", 2, 3, 2))], writes).Verdict);
    }
}
