using Quorate.Codec;

namespace Quorate.Consensus;

/// <summary>
/// A message between the protocol objects of two nodes. Every message names its configuration, so that an old one is known.
/// </summary>
public abstract record ProtocolMessage
{
    /// <summary>Writes the message; the first byte names its type within the protocol. Its reader is the protocol's codec.</summary>
    public abstract void WriteTo(ByteWriter writer);
}
