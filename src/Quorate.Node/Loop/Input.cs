using Quorate.Consensus;

namespace Quorate.Node;

/// <summary>What can happen to a group.</summary>
internal enum InputKind : byte
{
    Propose,
    Read,
    Durable,
    Connected,
    Disconnected,
    Transfer,
    Call,
}

/// <summary>One input of the loop; which fields are set depends on its kind.</summary>
internal readonly record struct Input(InputKind Kind, NodeId Peer, long Number, ReadOnlyMemory<byte> Bytes, object? State)
{
    public static Input Propose(ulong token, ReadOnlyMemory<byte> command) => new(InputKind.Propose, default, (long)token, command, null);

    public static Input Read(ulong token) => new(InputKind.Read, default, (long)token, default, null);

    public static Input Durable(long position) => new(InputKind.Durable, default, position, default, null);

    public static Input Connected(NodeId peer) => new(InputKind.Connected, peer, 0, default, null);

    public static Input Disconnected(NodeId peer) => new(InputKind.Disconnected, peer, 0, default, null);

    public static Input Transfer(NodeId target) => new(InputKind.Transfer, target, 0, default, null);

    /// <summary>Something rare, run on the loop.</summary>
    public static Input Call(Action action) => new(InputKind.Call, default, 0, default, action);
}
