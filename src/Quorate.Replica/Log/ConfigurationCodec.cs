using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>Configurations as bytes: in captions, snapshots and hellos.</summary>
internal static class ConfigurationCodec
{
    private const int MaxMembers = 64;

    public static void Write(ByteWriter writer, Configuration configuration)
    {
        Invariant.Check(configuration.Members.Count <= MaxMembers, "A configuration has more members than could be read back.");
        writer.Varint(configuration.Number);
        writer.Byte((byte)configuration.Protocol);
        writer.UInt64(configuration.FirstLeader.Value);
        writer.Varint(configuration.StartsAfter);
        writer.Varint(configuration.FeatureLevel);
        writer.Varint((ulong)configuration.Members.Count);
        foreach (Member member in configuration.Members)
        {
            writer.UInt64(member.Id.Value);
            writer.Text(member.Name);
            writer.Text(member.PeerAddress);
            writer.Text(member.ClientUrl);
            writer.Byte((byte)member.Role);
        }
    }

    /// <summary>Reads a configuration; a bad one leaves <paramref name="reader"/> failed or incomplete.</summary>
    public static Configuration Read(ref ByteReader reader)
    {
        uint number = reader.Varint32();
        var protocol = (ProtocolKind)reader.Byte();
        var firstLeader = new NodeId(reader.UInt64());
        ulong startsAfter = reader.Varint();
        uint featureLevel = reader.Varint32();
        int count = Math.Min(reader.Count(minBytesEach: 12), MaxMembers);
        var members = new Member[count];
        for (int i = 0; i < count; i++)
        {
            var id = new NodeId(reader.UInt64());
            string name = reader.Text();
            string peerAddress = reader.Text();
            string clientUrl = reader.Text();
            members[i] = new Member(id, name, peerAddress, clientUrl, (MemberRole)reader.Byte());
        }

        var configuration = new Configuration(number, protocol, members, firstLeader, startsAfter, featureLevel);
        if (!IsSound(configuration))
        {
            reader.Fail();
        }

        return configuration;
    }

    /// <summary>A blank node makes a configuration durable that it is told of: one that no group can live in would stop it for good.</summary>
    private static bool IsSound(Configuration configuration)
    {
        NodeId before = NodeId.None;
        foreach (Member member in configuration.Members)
        {
            if (member.Id.CompareTo(before) <= 0 || !Enum.IsDefined(member.Role))
            {
                return false;
            }

            before = member.Id;
        }

        return configuration.VoterCount > 0 && Enum.IsDefined(configuration.Protocol);
    }
}
