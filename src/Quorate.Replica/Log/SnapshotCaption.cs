using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>What a snapshot is of: stands at the head of its file.</summary>
/// <param name="ClusterId">The cluster it belongs to.</param>
/// <param name="Index">It holds everything up to this index.</param>
/// <param name="Ballot">The ballot of that entry.</param>
/// <param name="Configuration">The configuration in force there.</param>
internal sealed record SnapshotCaption(ulong ClusterId, ulong Index, Ballot Ballot, Configuration Configuration)
{
    private const byte Format = 1;

    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.Byte(Format);
        writer.UInt64(ClusterId);
        writer.Varint(Index);
        RecordCodec.WriteBallot(writer, Ballot);
        ConfigurationCodec.Write(writer, Configuration);
        return writer.ToArray();
    }

    /// <exception cref="FormatException">The bytes are no caption of a version this build knows.</exception>
    public static SnapshotCaption Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        byte format = reader.Byte();
        ulong clusterId = reader.UInt64();
        ulong index = reader.Varint();
        Ballot ballot = RecordCodec.ReadBallot(ref reader);
        Configuration configuration = ConfigurationCodec.Read(ref reader);
        return format == Format && reader.IsComplete
            ? new SnapshotCaption(clusterId, index, ballot, configuration)
            : throw new FormatException("The snapshot was written by a build that this one cannot read.");
    }
}
