using Quorate.Consensus;
using Quorate.Storage;

namespace Quorate.Replica;

/// <summary>A snapshot on its way from a peer, in chunks that are stored aside one after another.</summary>
internal sealed class IncomingSnapshot(NodeId from, ulong index, Ballot ballot, long length)
{
    public NodeId From { get; } = from;

    public ulong Index { get; } = index;

    /// <summary>The ballot that decided what it holds.</summary>
    public Ballot Ballot { get; } = ballot;

    public long Length { get; } = length;

    /// <summary>Bytes stored so far; moved by the disk work only.</summary>
    public long Received { get; set; }

    public bool IsComplete => Received == Length;

    /// <summary>How often the next chunk was asked for again without an answer.</summary>
    public int SilentAsks { get; set; }

    /// <summary>Whether a chunk is being stored or the whole is being loaded.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Where the chunks go; made by the first disk work.</summary>
    public SnapshotReceiver? Receiver { get; set; }
}
