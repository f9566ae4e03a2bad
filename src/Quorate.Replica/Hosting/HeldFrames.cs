using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// Frames that wait until what they promise or quote is durable (DESIGN §3, rule 3). They keep their order among themselves;
/// a driver lets them go as soon as its disk has answered, before the replica hears of it.
/// </summary>
public sealed class HeldFrames
{
    /// <summary>
    /// The most that wait. Beyond it frames are lost, as a network may lose them: a leader has a few hundred appends to a
    /// follower under way at most, so that only repeated ones ever come near.
    /// </summary>
    public const int Capacity = 4096;

    private readonly RingList<HeldFrame> _frames = new();

    /// <summary>How many wait.</summary>
    public int Count => _frames.Count;

    /// <summary>Holds a frame until everything up to <paramref name="after"/> is durable, if there is room.</summary>
    public void Hold(NodeId to, ReadOnlySpan<byte> frame, long after)
    {
        if (_frames.Count < Capacity)
        {
            _frames.Add(new HeldFrame(to, frame.ToArray(), after));
        }
    }

    /// <summary>Takes the oldest frame if it may leave.</summary>
    public bool TryTake(long durable, out NodeId to, out ReadOnlyMemory<byte> frame)
    {
        bool mayLeave = _frames.Count > 0 && _frames[0].After <= durable;
        (to, frame) = mayLeave ? (_frames[0].To, _frames[0].Frame) : default;
        if (mayLeave)
        {
            _frames.RemoveFirst(1);
        }

        return mayLeave;
    }

    /// <summary>Drops them all.</summary>
    public void Clear() => _frames.RemoveFirst(_frames.Count);

    private readonly record struct HeldFrame(NodeId To, byte[] Frame, long After);
}
