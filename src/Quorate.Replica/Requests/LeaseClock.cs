using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// Lease time on a leader (DESIGN §4): the highest stamp in its log at election plus its own monotonic time since, where a gap
/// between two ticks counts for at most a bound, so that a leader that was paused does not end leases whose keep-alives wait
/// in its queues.
/// </summary>
internal sealed class LeaseClock(TimeSpan maxGap)
{
    private Instant _last;
    private long _microseconds;

    /// <summary>The lease time in milliseconds.</summary>
    public long NowMs => _microseconds / 1000;

    /// <summary>
    /// Begins a leadership. What this clock showed under an earlier one does not count: time that was never stamped into the
    /// log never passed for the leases.
    /// </summary>
    public void Lead(long highestStampMs, Instant now)
    {
        _microseconds = highestStampMs * 1000;
        _last = now;
    }

    public void Tick(Instant now)
    {
        long gap = (now - _last).Ticks / TimeSpan.TicksPerMicrosecond;
        _microseconds += Math.Min(gap, maxGap.Ticks / TimeSpan.TicksPerMicrosecond);
        _last = now;
    }
}
