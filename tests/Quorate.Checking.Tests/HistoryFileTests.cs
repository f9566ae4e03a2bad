namespace Quorate.Checking.Tests;

public sealed class HistoryFileTests
{
    [Fact]
    public void Histories_survive_being_written_and_read()
    {
        var history = new RandomHistory(5, 6, 60, 4, lostPercent: 20);
        string text = string.Join('\n', history.Operations.Select(HistoryFile.ToLine));
        List<Operation> read = HistoryFile.ReadOperations(new StringReader(text));
        Assert.Equal(history.Operations.Select(operation => operation.ToString()), read.Select(operation => operation.ToString()));
        Assert.Equal(text, string.Join('\n', read.Select(HistoryFile.ToLine)));
        Assert.Equal(Verdict.Ok, RevisionChecker.Check(read).Result.Verdict);
    }

    [Fact]
    public void Watches_survive_being_written_and_read()
    {
        WatchRecording recording = new RandomHistory(5, 6, 60, 4).Watch() with { Name = "w", NoDelete = true };
        string line = HistoryFile.ToLine(recording);
        WatchRecording read = Assert.Single(HistoryFile.ReadWatches(new StringReader("\n" + line + "\n\n")));
        Assert.Equal(line, HistoryFile.ToLine(read));
        Assert.Equal(recording.Responses.Count, read.Responses.Count);
    }

    [Fact]
    public void A_line_is_short_and_readable()
    {
        Assert.Equal(
            """{"client":3,"invoke":1200,"return":1450,"outcome":"ok","then":[{"kind":"put","key":"a","value":"17"}],"revision":9,"results":[{}]}""",
            HistoryFile.ToLine(Operation.Put(3, "a", "17", 1200, 1450, 9)),
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Members_that_are_left_out_have_their_defaults()
    {
        Operation read = Assert.Single(HistoryFile.ReadOperations(new StringReader("""{"then":[{"kind":"range","key":"a"}],"results":[{}],"revision":1}""")));
        Assert.Equal((Outcome.Ok, 0, 0), (read.Outcome, read.If.Count, read.Else.Count));
        Assert.Equal(Verdict.Ok, RevisionChecker.Check([read]).Result.Verdict);
    }

    [Theory]
    [InlineData("{}\nnonsense", 2)]
    [InlineData("""{"client":"x"}""", 1)]
    [InlineData("""{"unheard":1}""", 1)]
    [InlineData("""{"outcome":"perhaps"}""", 1)]
    [InlineData("null", 1)]
    public void A_line_that_is_no_record_is_named(string text, int line) =>
        Assert.StartsWith($"Line {line} ", Assert.Throws<FormatException>(() => HistoryFile.ReadOperations(new StringReader(text))).Message, StringComparison.Ordinal);
}
