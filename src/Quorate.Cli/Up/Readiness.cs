using Quorate.Cli.Shell;
using Quorate.Client;

namespace Quorate.Cli.Up;

/// <summary>Asks a node whether it serves: a linearizable read through it says that it is connected to a leader.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);
    private static readonly byte[] AnyKey = [0];

    /// <summary>Asks until it serves or the token is cancelled.</summary>
    public static async Task<NodeView> WaitAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        Uri url = new(node.ClientUrl);
        await using QuorateClient client = ClientOptions.Connect([url], AttemptTimeout);
        while (true)
        {
            try
            {
                await client.RangeAsync(KeyRange.Single(AnyKey), new RangeOptions { CountOnly = true }, cancellationToken).ConfigureAwait(false);
                EndpointStatus status = await client.StatusAsync(url, AttemptTimeout, cancellationToken).ConfigureAwait(false);
                return new NodeView(
                    status.ClusterId.ToString("x"),
                    status.MemberId.ToString("x"),
                    status.IsLeader ? "leader" : status.IsLearner ? "learner" : "follower");
            }
            catch (QuorateException exception) when (exception.IsTransient)
            {
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
