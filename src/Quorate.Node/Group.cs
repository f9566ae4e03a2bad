using System.Diagnostics;
using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;

namespace Quorate.Node;

/// <summary>The group as doors see it: a thin hull around the loop.</summary>
internal sealed class Group(GroupLoop loop, QuorateOptions options, TimeSpan requestTimeout) : IGroup
{
    private static readonly TimeSpan TransferPoll = TimeSpan.FromMilliseconds(5);

    public StateVersion State => loop.State;

    public TimeSpan ElectionTimeout => options.ElectionTimeout;

    public TimeSpan RequestTimeout => requestTimeout;

    public GroupStatus Status
    {
        get
        {
            ReplicaStatus status = loop.Status;
            return new GroupStatus(
                status.Identity.ClusterId,
                status.Identity.Node,
                status.Configuration,
                status.Protocol.Role,
                status.Protocol.Leader,
                status.AppliedRound,
                status.Last,
                status.Decided,
                status.Applied,
                loop.LeaderlessFor,
                loop.LogDiskBytes,
                options.EffectiveQuotaBytes,
                Alarm());
        }
    }

    public async ValueTask<CommandResult> ProposeAsync(Command command, CancellationToken cancellationToken)
    {
        using Activity? activity = NodeActivity.Source.StartActivity("quorate.propose");
        activity?.SetTag("quorate.command", command.GetType().Name);
        if (Grows(command))
        {
            RequireSpace();
        }

        byte[] bytes = CommandCodec.Encode(command);
        TaskCompletionSource<CommandResult> source = loop.Requests.AddCommand(out ulong token);
        if (!loop.Add(Input.Propose(token, bytes)))
        {
            throw Stopped();
        }

        try
        {
            return await source.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GroupException failure) when (activity.Failed(failure))
        {
            throw;
        }
    }

    public async ValueTask<StateVersion> ReadAsync(CancellationToken cancellationToken)
    {
        using Activity? activity = NodeActivity.Source.StartActivity("quorate.read");
        TaskCompletionSource<StateVersion> source = loop.Requests.AddRead(out ulong token);
        if (!loop.Add(Input.Read(token)))
        {
            throw Stopped();
        }

        try
        {
            return await source.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GroupException failure) when (activity.Failed(failure))
        {
            throw;
        }
    }

    public async ValueTask<long> KeepAliveAsync(long leaseId, CancellationToken cancellationToken)
    {
        await ProposeAsync(new LeaseRefreshCommand([leaseId]), cancellationToken).ConfigureAwait(false);
        return State.FindLease(leaseId)?.TtlSeconds ?? 0;
    }

    public IWatchStream OpenWatch() => new WatchStream(loop);

    public async Task TransferLeadershipAsync(NodeId target, CancellationToken cancellationToken)
    {
        ReplicaStatus status = loop.Status;
        if (status.Protocol.Role != Role.Leader)
        {
            throw new GroupException(GroupError.NotLeader, Outcome.NotApplied, "This node does not lead.");
        }

        if (status.Configuration?.Find(target) is not { Role: MemberRole.Voter })
        {
            throw new GroupException(GroupError.BadTransferTarget, Outcome.NotApplied, $"{target} is no voter of this group.");
        }

        if (target == status.Identity.Node)
        {
            return;
        }

        loop.Add(Input.Transfer(target));
        long start = Stopwatch.GetTimestamp();
        while (loop.Status.Protocol.Leader != target)
        {
            if (Stopwatch.GetElapsedTime(start) > ElectionTimeout)
            {
                throw new GroupException(GroupError.Timeout, Outcome.Unknown, "The leadership did not change in time.");
            }

            await Task.Delay(TransferPoll, cancellationToken).ConfigureAwait(false);
        }
    }

    private static GroupException Stopped() => new(GroupError.Stopped, Outcome.NotApplied, "The node is stopping.");

    private static bool Grows(Command command) => command switch
    {
        PutCommand or LeaseGrantCommand => true,
        SessionCommand session => Grows(session.Inner),
        TxnCommand txn => txn.Success.Any(Grows) || txn.Failure.Any(Grows),
        _ => false,
    };

    private void RequireSpace()
    {
        if (loop.IsDiskFull)
        {
            throw new GroupException(GroupError.NoSpace, Outcome.NotApplied, "The disk is full.");
        }

        if (State.LogicalBytes >= options.EffectiveQuotaBytes)
        {
            throw new GroupException(GroupError.NoSpace, Outcome.NotApplied, "The data has reached its quota; delete or compact something.");
        }
    }

    private string Alarm()
    {
        if ((loop.Distrust ?? loop.Mending) is { } reason)
        {
            return $"CORRUPT: {reason}";
        }

        if (loop.IsDiskFull)
        {
            return "NOSPACE: the disk is full";
        }

        return State.LogicalBytes >= options.EffectiveQuotaBytes ? "NOSPACE: the data has reached its quota" : string.Empty;
    }
}
