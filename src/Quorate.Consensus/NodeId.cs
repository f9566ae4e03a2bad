namespace Quorate.Consensus;

/// <summary>
/// The random identity a node is given when its disk is formatted. Never zero for a real node; a lost disk is a new node.
/// </summary>
/// <param name="Value">The 64-bit identity; etcd clients see it as <c>member_id</c>.</param>
public readonly record struct NodeId(ulong Value) : IComparable<NodeId>
{
    /// <summary>The absence of a node: no vote, no leader.</summary>
    public static readonly NodeId None;

    /// <summary>Whether this names no node.</summary>
    public bool IsNone => Value == 0;

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <summary>The identity as etcd prints member ids: lower-case hexadecimal without padding.</summary>
    public override string ToString() => Value.ToString("x");
}
