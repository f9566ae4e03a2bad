namespace Quorate.Consensus;

/// <summary>A reading of the driver's monotonic clock. Only differences mean anything.</summary>
/// <param name="Microseconds">Microseconds since some origin that is fixed for one run of the program.</param>
public readonly record struct Instant(long Microseconds) : IComparable<Instant>
{
    /// <inheritdoc/>
    public int CompareTo(Instant other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>The instant that lies <paramref name="span"/> later.</summary>
    public static Instant operator +(Instant start, TimeSpan span) => new(start.Microseconds + (span.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>The time from <paramref name="right"/> to <paramref name="left"/>.</summary>
    public static TimeSpan operator -(Instant left, Instant right) => TimeSpan.FromTicks((left.Microseconds - right.Microseconds) * TimeSpan.TicksPerMicrosecond);

    /// <summary>Whether <paramref name="left"/> is earlier.</summary>
    public static bool operator <(Instant left, Instant right) => left.Microseconds < right.Microseconds;

    /// <summary>Whether <paramref name="left"/> is later.</summary>
    public static bool operator >(Instant left, Instant right) => left.Microseconds > right.Microseconds;

    /// <summary>Whether <paramref name="left"/> is earlier or the same.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Microseconds <= right.Microseconds;

    /// <summary>Whether <paramref name="left"/> is later or the same.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Microseconds >= right.Microseconds;
}
