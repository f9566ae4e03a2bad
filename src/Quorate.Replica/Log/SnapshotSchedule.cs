using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// When a snapshot is due: once the log has grown by a fixed amount since the last, and by half of what the snapshot itself will weigh, so
/// that writing snapshots never costs more than twice what writing the log does. What a start has to replay is bounded by the same. When
/// hardly anything has been written for a while an eighth of that is enough: a start is most often a planned one, and then what is replayed
/// takes longer than what is loaded.
/// </summary>
internal sealed class SnapshotSchedule(long afterLogBytes, long loggedBytes, Instant now)
{
    private const int QuietPart = 8;

    /// <summary>It is quiet while less than this part of what makes a snapshot due is logged in <see cref="QuietTime"/>.</summary>
    private const int HardlyAnythingPart = 64;

    private long _loggedBytes = loggedBytes;
    private long _noticedBytes = loggedBytes;
    private Instant _quietSince = now;

    /// <summary>How long it must be quiet.</summary>
    public static TimeSpan QuietTime { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Payload went into the log.</summary>
    public void Logged(int bytes) => _loggedBytes += bytes;

    /// <summary>A snapshot is being saved.</summary>
    public void Began() => (_loggedBytes, _noticedBytes) = (0, 0);

    /// <summary>Whether it is time; to be asked every tick.</summary>
    /// <param name="now">The time.</param>
    /// <param name="stateBytes">What a snapshot would hold.</param>
    public bool IsDue(Instant now, long stateBytes)
    {
        long due = Math.Max(afterLogBytes, stateBytes / 2);
        if (_loggedBytes - _noticedBytes > due / HardlyAnythingPart)
        {
            (_noticedBytes, _quietSince) = (_loggedBytes, now);
        }

        return _loggedBytes >= (now - _quietSince < QuietTime ? due : due / QuietPart);
    }
}
