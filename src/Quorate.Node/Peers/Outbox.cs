using Quorate.Consensus;
using Quorate.Replica;

namespace Quorate.Node;

/// <summary>
/// Frames that wait for the disk. The log thread sends them itself when it has flushed: a follower's acknowledgement does not
/// wait until its loop has woken up.
/// </summary>
internal sealed class Outbox(PeerNetwork network)
{
    private readonly object _gate = new();
    private readonly HeldFrames _held = new();
    private long _durable;

    /// <summary>Sends a frame once this position is durable, which may be now. Called on the loop.</summary>
    public void Hold(NodeId peer, ReadOnlySpan<byte> frame, long after)
    {
        lock (_gate)
        {
            if (_held.Count == 0 && after <= _durable)
            {
                network.Send(peer, frame);
            }
            else
            {
                _held.Hold(peer, frame, after);
            }
        }
    }

    /// <summary>Sends what waited for this position. Called on the log thread.</summary>
    public void Release(long durable)
    {
        bool any = false;
        lock (_gate)
        {
            _durable = durable;
            while (_held.TryTake(durable, out NodeId peer, out ReadOnlyMemory<byte> frame))
            {
                network.Send(peer, frame.Span);
                any = true;
            }
        }

        if (any)
        {
            network.Flush();
        }
    }
}
