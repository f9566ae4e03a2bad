using Quorate.Codec;

namespace Quorate.Consensus;

/// <summary>A ballot in a message, 20 bytes: configuration (4), round (8), node (8).</summary>
internal static class BallotCodec
{
    public static void Write(ByteWriter writer, Ballot ballot)
    {
        writer.UInt32(ballot.Configuration);
        writer.UInt64(ballot.Round);
        writer.UInt64(ballot.Node.Value);
    }

    public static Ballot Read(ref ByteReader reader) => new(reader.UInt32(), reader.UInt64(), new NodeId(reader.UInt64()));
}
