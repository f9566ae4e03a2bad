using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>Names one command for ever: the node whose client sent it, the incarnation of that node, and a counter.</summary>
internal readonly record struct RequestId(NodeId Node, uint Boot, ulong Counter)
{
    /// <summary>Of commands that no client waits for.</summary>
    public static readonly RequestId None;
}
