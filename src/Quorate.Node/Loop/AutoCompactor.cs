using Microsoft.Extensions.Logging;
using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Node;

/// <summary>
/// Proposes compactions while this node leads: of what is older than a time, or behind a number of revisions. What a node did not
/// see while it led counts as young: a change of leader only makes history stay longer.
/// </summary>
internal sealed partial class AutoCompactor : IAsyncDisposable
{
    private const int SamplesPerRetention = 10;
    private static readonly TimeSpan RevisionInterval = TimeSpan.FromSeconds(30);

    private readonly IGroup _group;
    private readonly TimeSpan _retention;
    private readonly long _revisions;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<long> _samples = new();
    private readonly Task _running;

    /// <param name="group">The group.</param>
    /// <param name="retention">Keep what is younger; zero for no bound in time.</param>
    /// <param name="revisions">Keep this many of the newest revisions; 0 for no such bound.</param>
    /// <param name="logger">Where to log to.</param>
    public AutoCompactor(IGroup group, TimeSpan retention, long revisions, ILogger logger)
    {
        _group = group;
        _retention = retention;
        _revisions = revisions;
        _logger = logger;
        _running = retention > TimeSpan.Zero || revisions > 0 ? Task.Run(RunAsync) : Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_revisions > 0 ? RevisionInterval : _retention / SamplesPerRetention);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            if (_group.Status.Role != Role.Leader)
            {
                _samples.Clear();
                continue;
            }

            long target = _revisions > 0 ? _group.State.Revision - _revisions : RevisionBeforeRetention();
            if (target > _group.State.CompactRevision)
            {
                await CompactAsync(target).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The revision that was current when the retention began, if this node has led for so long.</summary>
    private long RevisionBeforeRetention()
    {
        _samples.Enqueue(_group.State.Revision);
        return _samples.Count > SamplesPerRetention ? _samples.Dequeue() : 0;
    }

    private async Task CompactAsync(long revision)
    {
        try
        {
            await _group.ProposeAsync(new CompactCommand(revision), _stopping.Token).ConfigureAwait(false);
            LogCompacted(revision);
        }
        catch (GroupException failure)
        {
            LogFailed(revision, failure.Message);
        }
    }

    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "History below revision {Revision} was compacted.")]
    private partial void LogCompacted(long revision);

    [LoggerMessage(EventId = 402, Level = LogLevel.Warning, Message = "History below revision {Revision} was not compacted: {Reason}")]
    private partial void LogFailed(long revision, string reason);
}
