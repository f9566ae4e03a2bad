using Microsoft.Extensions.Logging;
using Quorate.Consensus;

namespace Quorate.Node;

/// <content>A node that has had no leader for longer than elections take says what it lacks, once.</content>
internal sealed partial class GroupLoop
{
    private const int ElectionTimeoutsBeforeTelling = 4;

    private readonly TimeSpan _patienceWithoutLeader;
    private bool _isLeaderlessTold;

    private void TellIfLeaderless()
    {
        TimeSpan leaderless = LeaderlessFor;
        if (leaderless == TimeSpan.Zero)
        {
            _isLeaderlessTold = false;
        }
        else if (!_isLeaderlessTold && leaderless > _patienceWithoutLeader && Status.Configuration is { } configuration)
        {
            _isLeaderlessTold = true;
            IEnumerable<Member> members = configuration.Members.OrderBy(member => member.Name, StringComparer.Ordinal);
            LogLeaderless(leaderless.TotalSeconds, string.Join(", ", members.Select(member => $"{member.Name} ({member.PeerAddress})")));
        }
    }

    [LoggerMessage(
        EventId = 320,
        Level = LogLevel.Warning,
        Message = "No leader for {Seconds:0.0} s: more than half of {Members} must run and reach each other. Start those that do not run, or mend the network between them. "
            + "Until then writes and linearizable reads wait and time out; serializable reads are served.")]
    private partial void LogLeaderless(double seconds, string members);
}
