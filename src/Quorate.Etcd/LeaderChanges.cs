using Quorate.Consensus;

namespace Quorate.Etcd;

/// <summary>Counts the leaders this node has seen come.</summary>
internal sealed class LeaderChanges
{
    private long _seen;
    private NodeId _last;

    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>Called by one thread.</summary>
    public void Look(NodeId leader)
    {
        if (!leader.IsNone && leader != _last)
        {
            _last = leader;
            Interlocked.Increment(ref _seen);
        }
    }
}
