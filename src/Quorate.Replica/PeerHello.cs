using Quorate.Codec;
using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>How a node introduces itself: the first frame on every connection, in both directions.</summary>
/// <param name="Identity">Who speaks; cluster 0 as long as its founding is not durable there.</param>
/// <param name="PeerAddress">HOST:PORT at which peers reach it.</param>
/// <param name="ClientUrl">URL at which clients reach it.</param>
/// <param name="Founders">The digest of the founders it was told of, so that two different plans never found one cluster.</param>
/// <param name="Configuration">The configuration it is in; <see langword="null"/> before founding.</param>
public sealed record PeerHello(NodeIdentity Identity, string PeerAddress, string ClientUrl, string Founders, Configuration? Configuration)
{
    private const byte Format = 1;

    /// <summary>The hello as bytes.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.Byte(Format);
        writer.UInt64(Identity.ClusterId);
        writer.UInt64(Identity.Node.Value);
        writer.Text(Identity.Name);
        writer.Varint(Identity.Boot);
        writer.Text(PeerAddress);
        writer.Text(ClientUrl);
        writer.Text(Founders);
        writer.Byte(Configuration is null ? (byte)0 : (byte)1);
        if (Configuration is not null)
        {
            ConfigurationCodec.Write(writer, Configuration);
        }

        return writer.ToArray();
    }

    /// <summary>Reads a hello; false if the bytes are none.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out PeerHello? hello)
    {
        var reader = new ByteReader(bytes);
        bool known = reader.Byte() == Format;
        ulong clusterId = reader.UInt64();
        var node = new NodeId(reader.UInt64());
        string name = reader.Text();
        uint boot = reader.Varint32();
        string peerAddress = reader.Text();
        string clientUrl = reader.Text();
        string founders = reader.Text();
        Configuration? configuration = reader.Byte() == 1 ? ConfigurationCodec.Read(ref reader) : null;
        bool isSomebody = !node.IsNone && (configuration is null || clusterId != 0);
        hello = known && reader.IsComplete && isSomebody
            ? new PeerHello(new NodeIdentity(clusterId, node, name, boot), peerAddress, clientUrl, founders, configuration)
            : null;
        return hello is not null;
    }
}
