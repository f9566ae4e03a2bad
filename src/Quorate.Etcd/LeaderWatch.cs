using Quorate.Grpc;
using Quorate.Node;

namespace Quorate.Etcd;

/// <summary>
/// Looks at the group's status a few times in each election timeout, for what must not cost every call a look: headers,
/// health, and streams that asked to end when there is no leader.
/// </summary>
internal sealed class LeaderWatch : IAsyncDisposable
{
    private readonly IGroup _group;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Action<GroupStatus> _onStatus;
    private readonly Task _watching;
    private volatile GroupStatus _status;
    private volatile CancellationTokenSource _leaderLost = new();

    public LeaderWatch(IGroup group, Action<GroupStatus> onStatus)
    {
        _group = group;
        _onStatus = onStatus;
        _status = group.Status;
        _watching = WatchAsync(_stopping.Token);
    }

    /// <summary>Whether nobody leads, as of now.</summary>
    public bool IsLeaderless => _group.Status.Leader.IsNone;

    /// <summary>Whether this node's data is not to be trusted, as of the last look.</summary>
    public bool IsCorrupt => DoorAlarm.TypeOf(_status) == Contract.AlarmType.Corrupt;

    /// <summary>Cancelled when there has been no leader for three election timeouts, as etcd cancels streams.</summary>
    public CancellationToken LeaderLost => _leaderLost.Token;

    public static bool IsAskedFor(ServerCall call) => call.Metadata("hasleader") == "true";

    /// <summary>A header; its round is at most one look old.</summary>
    public Contract.ResponseHeader Header(long revision)
    {
        GroupStatus status = _status;
        if (status.ClusterId == 0 || status.Round == 0)
        {
            _status = status = _group.Status;
        }

        return new Contract.ResponseHeader
        {
            ClusterId = status.ClusterId,
            MemberId = status.NodeId.Value,
            Revision = revision,
            RaftTerm = status.Round,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _leaderLost.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(Math.Clamp(_group.ElectionTimeout.TotalMilliseconds / 10, 5, 100));
        using PeriodicTimer timer = new(pause);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            GroupStatus status = _group.Status;
            _status = status;
            _onStatus(status);
            bool lost = status.Leader.IsNone && status.LeaderlessFor >= 3 * _group.ElectionTimeout;
            if (lost && !_leaderLost.IsCancellationRequested)
            {
                await _leaderLost.CancelAsync().ConfigureAwait(false);
            }
            else if (!lost && _leaderLost.IsCancellationRequested)
            {
                // The old source is left to the collector: streams may still be unhooking from it.
                _leaderLost = new CancellationTokenSource();
            }
        }
    }
}
