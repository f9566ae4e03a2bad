namespace Quorate.Checking.Tests;

public sealed class RevisionCheckerTests
{
    private static CheckResult Check(IReadOnlyList<Operation> history) => RevisionChecker.Check(history).Result;

    private static void Rejects(IReadOnlyList<Operation> history, string why)
    {
        CheckResult result = Check(history);
        Assert.Equal(Verdict.Violation, result.Verdict);
        Assert.Contains(result.Problems, problem => problem.Contains(why, StringComparison.Ordinal));
    }

    [Fact]
    public void Random_concurrent_histories_with_lost_answers_are_accepted()
    {
        for (int seed = 0; seed < 1500; seed++)
        {
            var history = new RandomHistory(seed, clients: 1 + (seed % 9), operationsEach: 30, keys: 1 + (seed % 5), lostPercent: seed % 40);
            CheckResult result = Check(history.Operations);
            Assert.True(result.Verdict == Verdict.Ok, $"seed {seed}: {result}");
        }
    }

    [Fact]
    public void The_writes_of_a_history_without_lost_answers_are_all_told()
    {
        var history = new RandomHistory(4, clients: 6, operationsEach: 50, keys: 4, lostPercent: 0);
        WriteHistory writes = RevisionChecker.Check(history.Operations).Writes;
        Assert.Equal((2, history.Store.Revision), (writes.First, writes.Last));
        for (long revision = 2; revision <= writes.Last; revision++)
        {
            Assert.Equal(
                history.Store.Log[(int)revision - 2].Select(change => (change.Key, change.Value, change.Create, change.Version, change.Previous)),
                writes.At(revision)!.Changes.Select(change => (change.Key, change.Current?.Value, change.Current?.Create ?? 0, change.Current?.Version ?? 0, change.Previous)));
            Assert.True(writes.At(revision)!.Whole);
            Assert.All(writes.At(revision)!.Changes, change => Assert.True(change.Certain && change.CountersKnown && change.PreviousKnown));
        }
    }

    [Fact]
    public void A_lost_write_is_rejected()
    {
        // Acknowledged, and missing from the final read: with its revision kept, and with its revision gone.
        KeyVersion first = new("a", "1", 2, 2, 1);
        Operation[] writes = [Operation.Put(1, "a", "1", 0, 1, 2), Operation.Put(1, "a", "2", 2, 3, 3)];
        Rejects([.. writes, Operation.Get(2, "a", first, 4, 5, 3)], "a read gave a=1");
        Rejects([.. writes, Operation.Get(2, "a", first, 4, 5, 2)], "a stale read");
        Rejects([.. writes, Operation.Get(2, "a", null, 4, 5, 3)], "a read missed a=2");
    }

    [Fact]
    public void A_write_lost_by_a_crash_is_rejected_though_its_revision_is_used_again()
    {
        var store = new SimulatedStore();
        Operation first = store.Perform(Operation.Put(1, "a", "1", 0, 1));
        store.LoseAfter(1);
        Operation second = store.Perform(Operation.Put(1, "a", "2", 2, 3));
        Operation read = store.Perform(RandomHistory.ReadAll(1, 4, 5));
        Rejects([first, second, read], "two writes of one revision");
    }

    [Fact]
    public void A_stale_read_is_rejected_and_a_serializable_one_is_not()
    {
        Operation stale = Operation.Get(2, "a", new KeyVersion("a", "1", 2, 2, 1), 4, 5, 2);
        Operation[] writes = [Operation.Put(1, "a", "1", 0, 1, 2), Operation.Put(1, "a", "2", 2, 3, 3)];
        Rejects([.. writes, stale], "a stale read");
        Assert.Equal(Verdict.Ok, Check([.. writes, stale with { Serializable = true }]).Verdict);
        Rejects([.. writes, stale with { Serializable = true, Revision = 3 }], "a read gave a=1");
    }

    [Fact]
    public void Times_that_touch_are_concurrent()
    {
        Operation[] writes = [Operation.Put(1, "a", "1", 0, 1, 2), Operation.Put(1, "a", "2", 2, 4, 3)];
        Assert.Equal(Verdict.Ok, Check([.. writes, Operation.Get(2, "a", new KeyVersion("a", "1", 2, 2, 1), 4, 5, 2)]).Verdict);
    }

    [Fact]
    public void Two_swapped_writes_are_rejected()
    {
        Rejects([Operation.Put(1, "a", "1", 0, 1, 3), Operation.Put(1, "b", "2", 2, 3, 2)], "a write took effect before it began");
    }

    [Fact]
    public void A_value_that_nobody_wrote_is_rejected()
    {
        Rejects([Operation.Get(1, "a", new KeyVersion("a", "x", 2, 2, 1), 0, 1, 2)], "nobody wrote");
    }

    [Fact]
    public void A_failed_write_must_not_be_seen()
    {
        Operation failed = Operation.Put(1, "a", "1", 0, 1) with { Outcome = Outcome.Failed };
        Rejects([failed, Operation.Get(2, "a", new KeyVersion("a", "1", 2, 2, 1), 2, 3, 2)], "only written by");
    }

    [Fact]
    public void A_write_of_unknown_outcome_may_be_seen_late_or_never_but_not_before_it_began()
    {
        Operation unknown = Operation.Put(1, "a", "1", 5, 6) with { Outcome = Outcome.Unknown };
        KeyVersion seen = new("a", "1", 2, 2, 1);
        Assert.Equal(Verdict.Ok, Check([unknown, Operation.Get(2, "a", seen, 100, 101, 2)]).Verdict);
        Assert.Equal(Verdict.Ok, Check([unknown, Operation.Get(2, "a", null, 100, 101, 1)]).Verdict);
        Rejects([unknown, Operation.Get(2, "a", seen, 1, 2, 2)], "a write took effect before it began");
        Rejects([unknown, Operation.Get(2, "a", seen, 100, 101, 2), Operation.Get(2, "a", null, 102, 103, 2)], "a read missed");
    }

    [Fact]
    public void A_revision_from_nowhere_is_rejected()
    {
        Rejects([Operation.Put(1, "a", "1", 0, 1, 3)], "came from nowhere");
        Operation unknown = Operation.Delete(1, "b", 0, 0, 1) with { Outcome = Outcome.Unknown };
        Assert.Equal(Verdict.Ok, Check([unknown, Operation.Put(2, "a", "1", 0, 1, 3)]).Verdict);
        Rejects([unknown, Operation.Put(2, "a", "1", 0, 1, 4)], "came from nowhere");
        Rejects([unknown with { Invoke = 2, Return = 3 }, Operation.Put(2, "a", "1", 0, 1, 3)], "came from nowhere");
    }

    [Fact]
    public void A_deletion_of_unknown_outcome_leaves_only_its_own_keys_in_doubt()
    {
        Operation[] common =
        [
            Operation.Put(1, "a", "1", 0, 1, 2),
            Operation.Put(1, "b", "2", 2, 3, 3),
            Operation.Delete(2, "a", 1, 4, 5) with { Outcome = Outcome.Unknown },
            Operation.Put(1, "c", "3", 6, 7, 5),
        ];
        Operation read = RandomHistory.ReadAll(3, 8, 9) with { Revision = 5 };
        KeyVersion a = new("a", "1", 2, 2, 1);
        KeyVersion b = new("b", "2", 3, 3, 1);
        KeyVersion c = new("c", "3", 5, 5, 1);
        Assert.Equal(Verdict.Ok, Check([.. common, read with { Results = [new StepResult(Found: [b, c])] }]).Verdict);
        Assert.Equal(Verdict.Ok, Check([.. common, read with { Results = [new StepResult(Found: [a, b, c])] }]).Verdict);
        Rejects([.. common, read with { Results = [new StepResult(Found: [a, c])] }], "a read missed b=2");
    }

    [Fact]
    public void A_branch_that_the_guards_forbid_is_rejected()
    {
        Operation put = Operation.Put(1, "a", "1", 0, 1, 2);
        var guarded = new Operation
        {
            Client = 1,
            Invoke = 2,
            Return = 3,
            If = [new Guard("a", GuardTarget.Mod, GuardRelation.Equal, 2)],
            Then = [new Step(StepKind.Put, "a", Value: "2")],
            Revision = 2,
            TookElse = true,
        };
        Rejects([put, guarded], "the guards held");
    }

    [Fact]
    public void A_wrong_count_of_deleted_keys_is_rejected()
    {
        Rejects([Operation.Put(1, "a", "1", 0, 1, 2), Operation.Delete(1, "a", 2, 2, 3, 3)], "1 keys to delete");
        Rejects([Operation.Put(1, "a", "1", 0, 1, 2), Operation.Delete(1, "a", 0, 2, 3, 2)], "1 keys to delete");
    }

    [Fact]
    public void Wrong_versions_are_rejected()
    {
        Operation[] writes = [Operation.Put(1, "a", "1", 0, 1, 2), Operation.Put(1, "a", "2", 2, 3, 3)];
        Rejects([.. writes, Operation.Get(1, "a", new KeyVersion("a", "2", 3, 3, 1), 4, 5, 3)], "a read gave");
        Assert.Equal(Verdict.Ok, Check([.. writes, Operation.Get(1, "a", new KeyVersion("a", "2", 2, 3, 2), 4, 5, 3)]).Verdict);
    }

    [Fact]
    public void Doctored_random_histories_are_rejected()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var history = new RandomHistory(seed, clients: 5, operationsEach: 40, keys: 3, lostPercent: 5);
            Operation final = history.Operations[^1];
            IReadOnlyList<KeyVersion> found = final.Results[0].Found!;
            if (found.Count > 0)
            {
                // Only a deletion that nobody was told of could excuse a missing key.
                KeyVersion victim = found[random.Next(found.Count)];
                Operation older = final with { Results = [new StepResult(Found: [.. found.Select(version => version == victim ? victim with { Mod = victim.Mod - 1 } : version)])] };
                Assert.Equal(Verdict.Violation, Check([.. history.Operations.SkipLast(1), older]).Verdict);
            }

            Operation[] writes = [.. history.Operations.Where(operation => operation.MadeRevision).OrderBy(operation => operation.Revision)];
            int index = random.Next(writes.Length - 1);
            Operation duplicate = writes[index] with { Revision = writes[index + 1].Revision };
            Assert.Equal(Verdict.Violation, Check([.. history.Operations.Where(operation => !ReferenceEquals(operation, writes[index])), duplicate]).Verdict);
        }
    }

    [Fact]
    public void A_long_history_is_checked_in_a_moment()
    {
        var history = new RandomHistory(1, clients: 20, operationsEach: 5000, keys: 50, lostPercent: 0);
        CheckResult result = Check(history.Operations);
        Assert.True(result.Verdict == Verdict.Ok, result.ToString());
    }
}
