using Quorate.Consensus;
using Quorate.State;

namespace Quorate.Node;

/// <summary>
/// What a door sees of one replicated group on this node: commands, reads, watches, and who is who. All members may be
/// called from any thread; completions run off the group's loop.
/// </summary>
public interface IGroup
{
    /// <summary>
    /// Replicates a command and waits until this node has applied it, for at most <see cref="RequestTimeout"/>.
    /// </summary>
    /// <exception cref="GroupException">It was refused, or its outcome is unknown; see <see cref="GroupException.Outcome"/>.</exception>
    /// <exception cref="OperationCanceledException">The caller stopped waiting; the command may still take effect.</exception>
    ValueTask<CommandResult> ProposeAsync(Command command, CancellationToken cancellationToken);

    /// <summary>The state for a linearizable read: it holds everything that was decided anywhere before this call.</summary>
    /// <exception cref="GroupException">No leader answered in <see cref="RequestTimeout"/>, or this node may not serve.</exception>
    ValueTask<StateVersion> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The state this node has applied: for serializable reads.</summary>
    StateVersion State { get; }

    /// <summary>Opens a watch stream.</summary>
    IWatchStream OpenWatch();

    /// <summary>
    /// Renews a lease through the leader, and answers when this node has applied the renewal (DESIGN §4): its remaining time to
    /// live in seconds, or 0 when there is no such lease.
    /// </summary>
    /// <exception cref="GroupException">As <see cref="ProposeAsync"/>.</exception>
    ValueTask<long> KeepAliveAsync(long leaseId, CancellationToken cancellationToken);

    /// <summary>Hands leadership over and waits until the target leads.</summary>
    /// <exception cref="GroupException">This node does not lead, the target is no voter, or it took too long.</exception>
    Task TransferLeadershipAsync(NodeId target, CancellationToken cancellationToken);

    /// <summary>What this node believes right now.</summary>
    GroupStatus Status { get; }

    /// <summary>The longest a command or a linearizable read waits: 5 s and two election timeouts.</summary>
    TimeSpan RequestTimeout { get; }

    /// <summary>The time without a heartbeat after which a follower asks for an election.</summary>
    TimeSpan ElectionTimeout { get; }
}
