using Quorate.Codec;

namespace Quorate.Consensus;

/// <summary>
/// A message of Raft. All begin with the byte of their <see cref="MessageKind"/>, the configuration (4 bytes) and the round
/// (8 bytes), every number little-endian; what follows is written at each message. Nothing may follow a message.
/// </summary>
/// <param name="Configuration">The configuration it belongs to; members of another ignore it.</param>
/// <param name="Round">The sender's round, or the one that a pre-vote is about.</param>
internal abstract record RaftMessage(uint Configuration, ulong Round) : ProtocolMessage
{
    protected abstract MessageKind Kind { get; }

    public sealed override void WriteTo(ByteWriter writer)
    {
        writer.Byte((byte)Kind);
        writer.UInt32(Configuration);
        writer.UInt64(Round);
        WriteBody(writer);
    }

    protected virtual void WriteBody(ByteWriter body)
    {
    }
}
