using Quorate.Grpc;

namespace Quorate.Client.Calls;

/// <summary>One endpoint, its connection, and how long it is left alone after failures.</summary>
internal sealed class Endpoint(GrpcChannel channel, TimeSpan firstBackOff, TimeSpan longestBackOff)
{
    private const int MostDoublings = 16;
    private readonly Lock _gate = new();
    private int _failures;
    private long _leaveAloneUntilMs;

    public GrpcChannel Channel { get; } = channel;

    /// <summary>For people.</summary>
    public string Name => Channel.Endpoint.Authority;

    public bool IsRested(long nowMs) => LeaveAloneUntilMs <= nowMs;

    public long LeaveAloneUntilMs => Interlocked.Read(ref _leaveAloneUntilMs);

    public void Succeeded()
    {
        if (Volatile.Read(ref _failures) > 0)
        {
            lock (_gate)
            {
                _failures = 0;
                Interlocked.Exchange(ref _leaveAloneUntilMs, 0);
            }
        }
    }

    public void Failed(long nowMs)
    {
        lock (_gate)
        {
            double pauseMs = Math.Min(
                firstBackOff.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, MostDoublings)), longestBackOff.TotalMilliseconds);
            _failures++;

            // Between half and the whole, so that clients that failed together do not come back together.
            Interlocked.Exchange(ref _leaveAloneUntilMs, nowMs + (long)(pauseMs * (0.5 + (Random.Shared.NextDouble() / 2))));
        }
    }
}
