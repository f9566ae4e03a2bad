using Quorate.Consensus;

namespace Quorate.Node;

/// <summary>Takes the payload of one frame.</summary>
internal delegate void PeerFrameHandler(NodeId from, ReadOnlyMemory<byte> payload);
