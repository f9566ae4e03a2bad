using Quorate.Consensus;

namespace Quorate.Replica;

/// <summary>Something that happened to a replica which an operator, a metric or a test may want to know.</summary>
public abstract record ReplicaEvent
{
    private ReplicaEvent()
    {
    }

    /// <summary>The cluster was founded, or its founding learnt of from a peer.</summary>
    /// <param name="ClusterId">The cluster.</param>
    /// <param name="Configuration">Its founding configuration.</param>
    public sealed record Founded(ulong ClusterId, Configuration Configuration) : ReplicaEvent;

    /// <summary>This node cannot be part of the cluster as it is.</summary>
    /// <param name="Reason">Why, and the remedy.</param>
    public sealed record NotWelcome(string Reason) : ReplicaEvent;

    /// <summary>Founding waits for others.</summary>
    /// <param name="Missing">The names that have not been heard of.</param>
    public sealed record WaitingForFounders(string Missing) : ReplicaEvent;

    /// <summary>Saving, receiving or loading a snapshot failed; it is tried again.</summary>
    /// <param name="Reason">What went wrong.</param>
    public sealed record SnapshotFailed(string Reason) : ReplicaEvent;

    /// <summary>This node was so far behind that it took over a peer's snapshot.</summary>
    /// <param name="Index">It holds everything up to here now.</param>
    public sealed record SnapshotInstalled(ulong Index) : ReplicaEvent;

    /// <summary>The disk has lost a part of what was flushed to it; the node fetches it from its peers.</summary>
    /// <param name="Reason">What was found, and what the node does and does not do meanwhile.</param>
    public sealed record Mending(string Reason) : ReplicaEvent;

    /// <summary>Nothing is missing (any more) of what the disk had lost.</summary>
    /// <param name="Reason">What had been found, or how far the log reaches now.</param>
    public sealed record Mended(string Reason) : ReplicaEvent;

    /// <summary>This node's state is not to be trusted: it does not serve any more.</summary>
    /// <param name="Reason">What was found, and the remedy.</param>
    public sealed record Diverged(string Reason) : ReplicaEvent;
}
