namespace Quorate.Checking.Tests;

/// <summary>The two checkers, and where histories are tiny the trying of every order, against one another.</summary>
public sealed class CrossCheckTests
{
    [Fact]
    public void What_the_check_by_revision_accepts_is_linearizable_and_corrupted_histories_show_it()
    {
        int violations = 0;
        int onlyByRevision = 0;
        int missed = 0;
        for (int seed = 0; seed < 6000; seed++)
        {
            List<Operation> history = new RandomHistory(seed, 4, 5, 2, singleKeys: true, lostPercent: seed % 20, finalRead: seed % 2 == 0).Operations;
            if (seed % 3 > 0)
            {
                Corrupt(history, new Random(seed));
            }

            RevisionCheck revisions = RevisionChecker.Check(history);
            Verdict byRevision = revisions.Result.Verdict;
            CheckResult bySearch = LinearizabilityChecker.Check(history);
            Assert.NotEqual(Verdict.Unknown, bySearch.Verdict);
            Assert.True(seed % 3 > 0 || (byRevision, bySearch.Verdict) == (Verdict.Ok, Verdict.Ok), $"seed {seed}: {byRevision} {bySearch}");
            if (byRevision == Verdict.Ok && bySearch.Verdict == Verdict.Violation)
            {
                // Allowed only where a write of unknown outcome left room for doubt.
                Assert.True(HasDoubt(revisions.Writes), $"seed {seed}: {bySearch}");
                missed++;
            }

            violations += bySearch.Verdict == Verdict.Violation ? 1 : 0;
            onlyByRevision += (byRevision, bySearch.Verdict) == (Verdict.Violation, Verdict.Ok) ? 1 : 0;
        }

        string counts = $"{violations} violations, {missed} of them missed by revision; {onlyByRevision} found by revision alone";
        TestContext.Current.TestOutputHelper?.WriteLine(counts);
        Assert.True(violations > 1000 && onlyByRevision > 100 && missed * 100 < violations, counts);
    }

    private static bool HasDoubt(WriteHistory writes)
    {
        for (long revision = writes.First; revision <= writes.Last; revision++)
        {
            if (writes.At(revision) is null)
            {
                return true;
            }
        }

        return false;
    }

    [Fact]
    public void The_search_agrees_with_trying_every_order()
    {
        int violations = 0;
        for (int seed = 0; seed < 4000; seed++)
        {
            List<Operation> history = new RandomHistory(seed, 3, 2, 1, singleKeys: true, lostPercent: 20, finalRead: false).Operations;
            Corrupt(history, new Random(seed));
            bool isAllowed = AnyOrder([.. history.Where(operation => operation.Outcome != Outcome.Failed)], []);
            Assert.True(isAllowed == (LinearizabilityChecker.Check(history).Verdict == Verdict.Ok), $"seed {seed}");
            violations += isAllowed ? 0 : 1;
        }

        Assert.InRange(violations, 500, 3500);
    }

    /// <summary>Whether some order that respects real time gives every answer; operations of unknown outcome may be left out.</summary>
    private static bool AnyOrder(List<Operation> left, List<Operation> order)
    {
        if (left.All(operation => operation.Outcome == Outcome.Unknown))
        {
            return true;
        }

        foreach (Operation next in left)
        {
            bool mayComeNext = !left.Exists(other => other.Outcome == Outcome.Ok && other.Return < next.Invoke);
            List<Operation> longer = [.. order, next];
            if (mayComeNext && Fits(longer) && AnyOrder([.. left.Where(operation => !ReferenceEquals(operation, next))], longer))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Fits(List<Operation> order)
    {
        var store = new SimulatedStore();
        Operation answered = order[^1];
        order.ForEach(operation => answered = store.Perform(operation));
        Operation told = order[^1];
        return told.Outcome == Outcome.Unknown || (answered.TookElse == told.TookElse && answered.Results.Zip(told.Results).All(pair =>
            pair.First.Deleted == pair.Second.Deleted
            && (pair.First.Found ?? []).Select(found => (found.Value, found.Version)).SequenceEqual((pair.Second.Found ?? []).Select(found => (found.Value, found.Version)))));
    }

    /// <summary>One answer gets what another got, or its revision, or moves in time.</summary>
    private static void Corrupt(List<Operation> history, Random random)
    {
        int index = random.Next(history.Count);
        Operation victim = history[index];
        Operation other = history[random.Next(history.Count)];
        bool isAlike = victim.Outcome == Outcome.Ok && other.Outcome == Outcome.Ok
            && victim.Taken.Select(step => step.Kind).SequenceEqual(other.Taken.Select(step => step.Kind));
        history[index] = random.Next(4) switch
        {
            0 => victim with { Revision = Math.Max(1, victim.Revision + random.Next(-2, 3)) },
            1 => victim with { Invoke = victim.Invoke + 300, Return = victim.Return + 300 },
            2 => victim with { Invoke = 0, Return = 0 },
            _ => isAlike ? victim with { Results = other.Results, Revision = other.Revision } : victim,
        };
    }
}
