namespace Quorate.Checking.Tests;

public sealed class LinearizabilityCheckerTests
{
    private static KeyVersion Seen(string value, long version = 1) => new("a", value, 0, 0, version);

    [Fact]
    public void Long_concurrent_histories_are_accepted()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var history = new RandomHistory(seed, clients: 8, operationsEach: 200, keys: 4, singleKeys: true, lostPercent: 1);
            CheckResult result = LinearizabilityChecker.Check(history.Operations);
            Assert.True(result.Verdict == Verdict.Ok, $"seed {seed}: {result}");
        }
    }

    [Fact]
    public void A_stale_read_is_rejected_and_the_stuck_operation_is_named()
    {
        CheckResult result = LinearizabilityChecker.Check(
        [
            Operation.Put(1, "a", "1", 0, 1),
            Operation.Put(1, "a", "2", 2, 3),
            Operation.Get(2, "a", Seen("1"), 4, 5),
        ]);
        Assert.Equal(Verdict.Violation, result.Verdict);
        string problem = Assert.Single(result.Problems);
        Assert.Contains("not linearizable on a: after 2 operations the state is a=2 (version 2), and this fits nowhere:", problem, StringComparison.Ordinal);
        Assert.Contains("client 2 [4, 5] get a → revision 0, found a=1", problem, StringComparison.Ordinal);
        Assert.Contains("client 1 [2, 3] put a=2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Concurrent_reads_may_see_either_side_of_a_write_but_not_go_back()
    {
        Operation[] writes = [Operation.Put(1, "a", "1", 0, 1), Operation.Put(1, "a", "2", 2, 20)];
        Operation before = Operation.Get(2, "a", Seen("1"), 5, 6);
        Operation after = Operation.Get(2, "a", Seen("2", 2), 7, 8);
        Assert.Equal(Verdict.Ok, LinearizabilityChecker.Check([.. writes, before, after]).Verdict);
        Operation[] back = [before with { Invoke = 9, Return = 10 }, after];
        Assert.Equal(Verdict.Violation, LinearizabilityChecker.Check([.. writes, .. back]).Verdict);
    }

    [Fact]
    public void A_write_of_unknown_outcome_may_take_effect_whenever_or_never_but_once()
    {
        Operation[] common = [Operation.Put(1, "a", "1", 0, 1), Operation.Put(2, "a", "x", 2, 3) with { Outcome = Outcome.Unknown }];
        Operation old = Operation.Get(3, "a", Seen("1"), 10, 11);
        Operation late = Operation.Get(3, "a", Seen("x", 2), 20, 21);
        Assert.Equal(Verdict.Ok, LinearizabilityChecker.Check([.. common, old]).Verdict);
        Assert.Equal(Verdict.Ok, LinearizabilityChecker.Check([.. common, old, late]).Verdict);
        Assert.Equal(Verdict.Violation, LinearizabilityChecker.Check([.. common, late, old with { Invoke = 30, Return = 31 }]).Verdict);
    }

    [Fact]
    public void A_compare_and_set_that_two_clients_win_is_rejected()
    {
        Operation Cas(int client, string value) => new()
        {
            Client = client,
            Invoke = 2,
            Return = 9,
            If = [new Guard("a", GuardTarget.Version, GuardRelation.Equal, 1)],
            Then = [new Step(StepKind.Put, "a", Value: value)],
            Results = [new StepResult()],
        };
        Operation put = Operation.Put(1, "a", "1", 0, 1);
        Assert.Equal(Verdict.Ok, LinearizabilityChecker.Check([put, Cas(1, "2")]).Verdict);
        Assert.Equal(Verdict.Violation, LinearizabilityChecker.Check([put, Cas(1, "2"), Cas(2, "3")]).Verdict);
        Assert.Equal(Verdict.Ok, LinearizabilityChecker.Check([put, Cas(1, "2"), Cas(2, "3") with { TookElse = true, Results = [] }]).Verdict);
    }

    [Fact]
    public void Operations_over_several_keys_are_searched_together()
    {
        // Each key alone is fine; that one transaction put both cannot be.
        var both = new Operation
        {
            Client = 1,
            Invoke = 0,
            Return = 1,
            Then = [new Step(StepKind.Put, "a", Value: "1"), new Step(StepKind.Put, "b", Value: "1")],
            Results = [new StepResult(), new StepResult()],
        };
        var torn = new Operation
        {
            Client = 2,
            Invoke = 0,
            Return = 1,
            Then = [new Step(StepKind.Range, "a"), new Step(StepKind.Range, "b")],
            Results = [new StepResult(Found: [Seen("1")]), new StepResult()],
        };
        Assert.Equal(Verdict.Violation, LinearizabilityChecker.Check([both, torn]).Verdict);
        Assert.Equal(Verdict.Ok, LinearizabilityChecker.Check([both, torn with { Results = [new StepResult(), new StepResult()] }]).Verdict);
    }

    [Fact]
    public void Beyond_its_budget_the_verdict_is_unknown()
    {
        // Thirty writes at once and a read of a value that none of them wrote.
        List<Operation> history = [.. Enumerable.Range(0, 30).Select(client => Operation.Put(client, "a", $"{client}", 0, 100))];
        history.Add(Operation.Get(99, "a", Seen("never"), 200, 201));
        Assert.Equal(Verdict.Unknown, LinearizabilityChecker.Check(history, maxSteps: 10_000).Verdict);
    }

    [Fact]
    public void Guards_on_revisions_are_refused()
    {
        var guarded = new Operation { If = [new Guard("a", GuardTarget.Mod, GuardRelation.Equal, 1)] };
        Assert.Throws<NotSupportedException>(() => LinearizabilityChecker.Check([guarded]));
    }
}
