namespace Quorate.Checking.Tests;

public sealed class SessionCheckerTests
{
    private static readonly KeyVersion One = new("a", "1", 2, 2, 1);

    [Fact]
    public void A_client_that_sees_its_own_writes_and_never_goes_back_is_fine() =>
        Assert.Equal(Verdict.Ok, SessionChecker.Check(new RandomHistory(3, 5, 50, 3).Operations).Verdict);

    [Fact]
    public void Not_reading_the_own_write_is_found()
    {
        CheckResult result = SessionChecker.Check([Operation.Put(1, "a", "1", 0, 1, 2), Operation.Get(1, "a", null, 2, 3, 1)]);
        Assert.Equal(Verdict.Violation, result.Verdict);
        Assert.Contains("session went back", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_that_go_back_are_found_only_where_the_session_promises_it()
    {
        Operation late = Operation.Get(1, "a", One, 0, 1, 2) with { Serializable = true };
        Operation early = Operation.Get(1, "a", null, 2, 3, 1) with { Serializable = true };
        Assert.Equal(Verdict.Ok, SessionChecker.Check([late, early]).Verdict);
        Assert.Equal(Verdict.Violation, SessionChecker.Check([late, early], withSerializable: true).Verdict);
        Assert.Equal(Verdict.Ok, SessionChecker.Check([late, early with { Client = 2 }], withSerializable: true).Verdict);
    }

    [Fact]
    public void A_write_that_gets_a_revision_already_seen_is_found() => Assert.Equal(
        Verdict.Violation,
        SessionChecker.Check([Operation.Get(1, "a", One, 0, 1, 2), Operation.Put(1, "a", "2", 2, 3, 2)]).Verdict);
}
