using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>The one place that knows which protocols there are.</summary>
internal static class Protocols
{
    public static IProtocol Create(
        Configuration configuration,
        NodeId self,
        ILog log,
        Ballots ballots,
        IEffects effects,
        SeededGenerator generator,
        ReplicaOptions options) => configuration.Protocol switch
        {
            ProtocolKind.Raft => new Raft(self, configuration, log, ballots, effects, generator, options.Raft with
            {
                HeartbeatInterval = options.HeartbeatInterval,
                ElectionTimeout = options.ElectionTimeout,
            }),
            _ => throw new InvariantException($"This build knows no protocol {configuration.Protocol}."),
        };

    /// <summary>Reads a message of a protocol; false if the bytes are none.</summary>
    public static bool TryDecode(ProtocolKind protocol, ReadOnlyMemory<byte> bytes, out ProtocolMessage? message)
    {
        Invariant.Check(protocol == ProtocolKind.Raft, "A protocol that this build does not know is in force.");
        try
        {
            message = RaftCodec.Decode(bytes);
            return true;
        }
        catch (MalformedMessageException)
        {
            message = null;
            return false;
        }
    }
}
