using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>
/// What stands at the head of every batch of the log: all that a node must find again when it starts, other than entries.
/// The newest valid caption holds; so segments can be recycled without losing a vote or the configuration.
/// </summary>
/// <param name="Identity">Who the node is, and which incarnation wrote this.</param>
/// <param name="Ballots">Its ballots as of the end of the batch.</param>
/// <param name="Decided">How far it knew the log decided.</param>
/// <param name="LastIndex">Index of the end of its log.</param>
/// <param name="LastBallot">Ballot of that entry.</param>
/// <param name="Configuration">The configuration in force; <see langword="null"/> before founding.</param>
internal sealed record Caption(
    NodeIdentity Identity,
    Ballots Ballots,
    ulong Decided,
    ulong LastIndex,
    Ballot LastBallot,
    Configuration? Configuration)
{
    private const byte Format = 1;

    public byte[] Encode(ByteWriter scratch)
    {
        scratch.Clear();
        scratch.Byte(Format);
        scratch.UInt64(Identity.ClusterId);
        scratch.UInt64(Identity.Node.Value);
        scratch.Varint(Identity.Boot);
        scratch.Text(Identity.Name);
        scratch.Varint(Ballots.Round);
        scratch.UInt64(Ballots.VotedFor.Value);
        RecordCodec.WriteBallot(scratch, Ballots.Accepted);
        scratch.Varint(Decided);
        scratch.Varint(LastIndex);
        RecordCodec.WriteBallot(scratch, LastBallot);
        scratch.Byte(Configuration is null ? (byte)0 : (byte)1);
        if (Configuration is not null)
        {
            ConfigurationCodec.Write(scratch, Configuration);
        }

        return scratch.ToArray();
    }

    /// <exception cref="FormatException">The bytes are not a caption of a version this build knows.</exception>
    public static Caption Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        byte format = reader.Byte();
        if (format != Format)
        {
            throw new FormatException($"The log was written by a build that uses caption format {format}; this one knows {Format}.");
        }

        ulong clusterId = reader.UInt64();
        var node = new NodeId(reader.UInt64());
        uint boot = reader.Varint32();
        string name = reader.Text();
        ulong round = reader.Varint();
        var votedFor = new NodeId(reader.UInt64());
        Ballot accepted = RecordCodec.ReadBallot(ref reader);
        ulong decided = reader.Varint();
        ulong lastIndex = reader.Varint();
        Ballot lastBallot = RecordCodec.ReadBallot(ref reader);
        Configuration? configuration = reader.Byte() == 1 ? ConfigurationCodec.Read(ref reader) : null;
        if (!reader.IsComplete)
        {
            throw new FormatException("The caption of the log is damaged although its checksum holds.");
        }

        var identity = new NodeIdentity(clusterId, node, name, boot);
        return new Caption(identity, new Ballots(round, votedFor, accepted), decided, lastIndex, lastBallot, configuration);
    }
}
