using Quorate.Grpc;
using Quorate.Node;
using Quorate.State;

namespace Quorate.Etcd;

/// <summary>The group as the services see it: every failure is already one of etcd's, every header is filled in.</summary>
internal sealed class DoorGroup(IGroup group, LeaderWatch leader)
{
    public IGroup Inner { get; } = group;

    public StateVersion State => Inner.State;

    /// <summary>What this node has applied, for reads that ask for no more; refused while its state is not to be trusted.</summary>
    public StateVersion LocalState => leader.IsCorrupt ? throw EtcdErrors.CorruptCluster() : Inner.State;

    /// <summary>A client that asks for it gets an error at once where others would wait for a leader.</summary>
    public void RequireLeader(ServerCall call)
    {
        if (LeaderWatch.IsAskedFor(call) && leader.IsLeaderless)
        {
            throw EtcdErrors.NoLeader();
        }
    }

    public Contract.ResponseHeader Header(long revision) => leader.Header(revision);

    /// <summary>Proposes what a client asks for, under its session if the call names one.</summary>
    public async ValueTask<CommandResult> ProposeAsync(Command command, ServerCall call)
    {
        RequireLeader(call);
        return await ProposeAsync(SessionMetadata.Wrap(command, call), call.TokenFor(Inner.RequestTimeout)).ConfigureAwait(false);
    }

    public async ValueTask<CommandResult> ProposeAsync(Command command, CancellationToken cancellationToken)
    {
        try
        {
            CommandResult result = await Inner.ProposeAsync(command, cancellationToken).ConfigureAwait(false);
            return result is ErrorResult refused ? throw EtcdErrors.From(refused.Error) : result;
        }
        catch (GroupException exception)
        {
            throw EtcdErrors.From(exception);
        }
    }

    /// <summary>The state for a linearizable read.</summary>
    public async ValueTask<StateVersion> ReadAsync(ServerCall call)
    {
        RequireLeader(call);
        return await ReadAsync(call.TokenFor(Inner.RequestTimeout)).ConfigureAwait(false);
    }

    public async ValueTask<StateVersion> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Inner.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GroupException exception)
        {
            throw EtcdErrors.From(exception);
        }
    }
}
