namespace Quorate.Cli.Bench;

/// <summary>How far a run is; written by its loop, read by whoever shows it.</summary>
internal sealed class LoadProgress
{
    private long _done;
    private long _errors;
    private volatile string _phase = "connecting";

    public string Phase
    {
        get => _phase;
        set => _phase = value;
    }

    public long Done
    {
        get => Interlocked.Read(ref _done);
        set => Interlocked.Exchange(ref _done, value);
    }

    public long Errors
    {
        get => Interlocked.Read(ref _errors);
        set => Interlocked.Exchange(ref _errors, value);
    }

    /// <summary>Between 0 and 1.</summary>
    public double Fraction { get; set; }
}
