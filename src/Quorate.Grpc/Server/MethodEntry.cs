using System.Diagnostics;

namespace Quorate.Grpc.Server;

/// <summary>A method and its counters.</summary>
internal abstract class MethodEntry
{
    private static readonly long[] DurationBounds = [.. MethodCount.DurationBounds.Select(seconds => (long)(seconds * Stopwatch.Frequency))];

    private readonly long[] _handled = new long[(int)StatusCode.Unauthenticated + 1];
    private readonly long[] _durations = new long[MethodCount.DurationBounds.Count + 1];
    private long _started;
    private long _totalTicks;

    protected MethodEntry(string path, string type)
    {
        int slash = path.LastIndexOf('/');
        if (slash <= 1 || path[0] != '/' || slash == path.Length - 1)
        {
            throw new ArgumentException($"'{path}' is not /package.Service/Method.", nameof(path));
        }

        Path = path;
        Type = type;
        Service = path[1..slash];
        Name = path[(slash + 1)..];
    }

    public string Path { get; }

    public string Service { get; }

    public string Name { get; }

    public string Type { get; }

    /// <summary>Whether it ends when the server drains, rather than being waited for.</summary>
    public abstract bool EndsWithDrain { get; }

    /// <summary>Reads, answers, writes. Whatever goes wrong is thrown; <see cref="CallRunner"/> makes a status of it.</summary>
    public abstract Task InvokeAsync(ServerCall call, MessageLimits limits);

    public void Started() => Interlocked.Increment(ref _started);

    /// <param name="code">How it ended.</param>
    /// <param name="startedAt">The timestamp of its beginning.</param>
    public void Handled(StatusCode code, long startedAt)
    {
        long ticks = Stopwatch.GetTimestamp() - startedAt;
        int bucket = 0;
        while (bucket < DurationBounds.Length && ticks > DurationBounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _handled[(int)code]);
        Interlocked.Increment(ref _durations[bucket]);
        Interlocked.Add(ref _totalTicks, ticks);
    }

    public MethodCount Count()
    {
        var total = Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _totalTicks));
        return new MethodCount(Service, Name, Type, Interlocked.Read(ref _started), Read(_handled), Read(_durations), total);
    }

    private static long[] Read(long[] counters)
    {
        long[] values = new long[counters.Length];
        for (int at = 0; at < values.Length; at++)
        {
            values[at] = Interlocked.Read(ref counters[at]);
        }

        return values;
    }
}
