namespace Quorate.Checking;

/// <summary>What a checker found out.</summary>
public enum Verdict
{
    /// <summary>The history is allowed.</summary>
    Ok = 1,

    /// <summary>The history is not allowed.</summary>
    Violation,

    /// <summary>The checker gave up within its budget: neither proved nor refuted.</summary>
    Unknown,
}

/// <summary>A verdict with its reasons.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Problems">For people: what is wrong, in the order it was found; empty when all is well. Bounded.</param>
public sealed record CheckResult(Verdict Verdict, IReadOnlyList<string> Problems)
{
    /// <summary>A violation if there are problems, else fine.</summary>
    public static CheckResult Of(IReadOnlyList<string> problems) => new(problems.Count == 0 ? Verdict.Ok : Verdict.Violation, problems);

    /// <summary>The verdict, and the problems a line each.</summary>
    public override string ToString() => string.Join('\n', [Verdict.ToString(), .. Problems]);
}

/// <summary>Gathers problems up to a bound, so that a thoroughly broken history does not fill the memory with its description.</summary>
internal sealed class ProblemList
{
    private const int Max = 20;
    private readonly List<string> _problems = [];

    public void Add(string problem)
    {
        if (_problems.Count < Max)
        {
            _problems.Add(problem);
        }
    }

    public CheckResult ToResult() => CheckResult.Of(_problems);
}
