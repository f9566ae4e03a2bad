using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>Configurations as bytes: in captions, snapshots and hellos.</summary>
internal static class ConfigurationCodec
{
    private const int MaxMembers = 64;

    public static void Write(WireWriter writer, Configuration configuration)
    {
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
    public static Configuration Read(ref WireReader reader)
    {
        var number = (uint)reader.Varint();
        var protocol = (ProtocolKind)reader.Byte();
        var firstLeader = new NodeId(reader.UInt64());
        ulong startsAfter = reader.Varint();
        var featureLevel = (uint)reader.Varint();
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

        return new Configuration(number, protocol, members, firstLeader, startsAfter, featureLevel);
    }
}
