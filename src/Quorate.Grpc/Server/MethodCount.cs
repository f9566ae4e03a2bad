namespace Quorate.Grpc;

/// <summary>How often a method was called, and how long its calls took.</summary>
/// <param name="Service">The full name of its service.</param>
/// <param name="Method">Its name.</param>
/// <param name="Type"><c>unary</c>, <c>server_stream</c> or <c>bidi_stream</c>.</param>
/// <param name="Started">Calls that began.</param>
/// <param name="Handled">Calls that ended, by <see cref="StatusCode"/> as index.</param>
/// <param name="Durations">Calls that ended, by how long they took: for each of <see cref="DurationBounds"/> those above the bound before it and not above itself, and last those above all.</param>
/// <param name="TotalDuration">All of their time together.</param>
public sealed record MethodCount(
    string Service,
    string Method,
    string Type,
    long Started,
    IReadOnlyList<long> Handled,
    IReadOnlyList<long> Durations,
    TimeSpan TotalDuration)
{
    /// <summary>Upper bounds of the buckets of <see cref="Durations"/>, in seconds: those that grpc's own Prometheus library takes.</summary>
    public static IReadOnlyList<double> DurationBounds { get; } = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
}
