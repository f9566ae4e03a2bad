using System.Buffers;

namespace Quorate.Consensus;

/// <summary>
/// A message of Raft. All begin with the byte of their <see cref="MessageKind"/>, the configuration (4 bytes) and the round
/// (8 bytes), every number little-endian; what follows is written at each message. Nothing may follow a message.
/// </summary>
/// <param name="Configuration">The configuration it belongs to; members of another ignore it.</param>
/// <param name="Round">The sender's round, or the one that a pre-vote is about.</param>
internal abstract record RaftMessage(uint Configuration, ulong Round) : ProtocolMessage
{
    protected const int HeaderBytes = 1 + 4 + 8;

    protected abstract MessageKind Kind { get; }

    /// <summary>Bytes that follow the header.</summary>
    protected virtual int BodyBytes => 0;

    public sealed override void WriteTo(IBufferWriter<byte> writer)
    {
        int length = HeaderBytes + BodyBytes;
        MessageWriter body = new(writer.GetSpan(length)[..length]);
        body.Byte((byte)Kind);
        body.UInt32(Configuration);
        body.UInt64(Round);
        WriteBody(ref body);
        Invariant.Check(body.Remaining == 0, "a message is as long as it said");
        writer.Advance(length);
    }

    protected virtual void WriteBody(ref MessageWriter body)
    {
    }
}
