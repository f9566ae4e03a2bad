namespace Quorate.Grpc.Server;

/// <summary>A method and its counters.</summary>
internal abstract class MethodEntry
{
    private readonly long[] _handled = new long[(int)StatusCode.Unauthenticated + 1];
    private long _started;

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

    public void Handled(StatusCode code) => Interlocked.Increment(ref _handled[(int)code]);

    public MethodCount Count()
    {
        long[] handled = new long[_handled.Length];
        for (int code = 0; code < handled.Length; code++)
        {
            handled[code] = Interlocked.Read(ref _handled[code]);
        }

        return new MethodCount(Service, Name, Type, Interlocked.Read(ref _started), handled);
    }
}
