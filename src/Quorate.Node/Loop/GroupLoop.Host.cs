using System.Diagnostics;
using System.Net.Sockets;
using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;

namespace Quorate.Node;

/// <content>What the replica asks for, the log thread achieved, and the peers say.</content>
internal sealed partial class GroupLoop
{
    void IReplicaHost.Write(LogBatch batch) => _logWorker.Write(batch);

    void IReplicaHost.ReadLog(LogRead read) => _logWorker.Read(read);

    void IReplicaHost.TrimLog(long position) => _logWorker.TrimBefore(position);

    void IReplicaHost.Run(DiskWork work) => _diskWorker.Run(work);

    void IReplicaHost.Send(NodeId peer, ReadOnlySpan<byte> frame) => _network.Send(peer, frame);

    void IReplicaHost.SendWhenDurable(NodeId peer, ReadOnlySpan<byte> frame, long after) => _outbox.Hold(peer, frame, after);

    void IReplicaHost.Answer(ulong token, CommandResult result) => Requests.Finish(token, result);

    void IReplicaHost.Refuse(ulong token, RequestError error, bool mayApply) => Requests.Finish(token, Failure(error, mayApply));

    void IReplicaHost.ReadReady(ulong token, StateVersion state) => Requests.Finish(token, state);

    void IReplicaHost.Published(StateVersion state)
    {
        State = state;
        _hasPublished = true;
    }

    void IReplicaHost.LeaderIs(NodeId leader, Ballot ballot)
    {
        if (!leader.IsNone && leader != _lastLeader)
        {
            _metrics.LeaderChanged();
        }

        _lastLeader = leader;
        Volatile.Write(ref _leaderlessSince, leader.IsNone ? Stopwatch.GetTimestamp() : 0);
        LogLeader(leader.IsNone ? "nobody" : leader.ToString(), ballot.ToString());
    }

    void IReplicaHost.Configured(NodeIdentity identity, Configuration configuration)
    {
        foreach (Member member in configuration.Members)
        {
            if (member.Id != identity.Node)
            {
                _network.Dial(member.PeerAddress);
            }
        }
    }

    void IReplicaHost.Report(ReplicaEvent happened)
    {
        switch (happened)
        {
            case ReplicaEvent.Founded founded:
                LogFounded(founded.ClusterId, string.Join(", ", founded.Configuration.Members.Select(member => $"{member.Name}={member.Id}")));
                break;
            case ReplicaEvent.WaitingForFounders waiting:
                LogWaitingForFounders(waiting.Missing);
                break;
            case ReplicaEvent.SnapshotFailed failed:
                LogSnapshotFailed(failed.Reason);
                break;
            case ReplicaEvent.SnapshotInstalled installed:
                LogSnapshotInstalled(installed.Index);
                break;
            case ReplicaEvent.Mending mending:
                Mending = mending.Reason;
                LogMending(mending.Reason);
                break;
            case ReplicaEvent.Mended mended:
                Mending = null;
                LogMended(mended.Reason);
                break;
            case ReplicaEvent.Diverged diverged:
                Distrust = diverged.Reason;
                LogDiverged(diverged.Reason);
                break;
            case ReplicaEvent.NotWelcome refused:
                LogNotWelcome(refused.Reason);
                break;
        }
    }

    void ILogWorkerOwner.LogDurable(long position, bool isAwaited)
    {
        _outbox.Release(position);
        _inputs.Add(Input.Durable(position), wakes: isAwaited);
    }

    void ILogWorkerOwner.LogRead(LogRead read, IReadOnlyList<ReadOnlyMemory<byte>> records) =>
        Add(Input.Call(() => _replica.LogWasRead(read, records)));

    void ILogWorkerOwner.LogSpace(bool isFull)
    {
        IsDiskFull = isFull;
        Add(Input.Call(() => _replica.DiskSpace(isFull)));
        if (isFull)
        {
            LogDiskFull();
        }
        else
        {
            LogDiskHasSpace();
        }
    }

    void ILogWorkerOwner.LogFailed(Exception failure)
    {
        LogLoopFailed(failure);
        _onFatal(failure);
    }

    async ValueTask<PeerHello> IPeerNetworkOwner.HelloAsync(CancellationToken cancellationToken) =>
        await CallAsync(replica => replica.Hello()).WaitAsync(cancellationToken).ConfigureAwait(false);

    async ValueTask<string?> IPeerNetworkOwner.GreetAsync(PeerHello hello, CancellationToken cancellationToken) =>
        await CallAsync(replica => replica.Greet(hello)).WaitAsync(cancellationToken).ConfigureAwait(false);

    bool IPeerNetworkOwner.PeerAccepted(NodeId peer, Socket socket) => Add(Input.Call(() => _network.Take(peer, socket, _poll)));

    void IPeerNetworkOwner.PeerConnected(NodeId peer) => Add(Input.Connected(peer));

    void IPeerNetworkOwner.PeerDisconnected(NodeId peer) => Add(Input.Disconnected(peer));

    private static GroupException Failure(RequestError error, bool mayApply)
    {
        Outcome outcome = mayApply ? Outcome.Unknown : Outcome.NotApplied;
        return error switch
        {
            RequestError.TooManyRequests => new GroupException(GroupError.TooManyRequests, outcome, "Too many requests wait already."),
            RequestError.TooLarge => new GroupException(GroupError.RequestTooLarge, outcome, "The request is too large."),
            RequestError.NoLeader => new GroupException(GroupError.NoLeader, outcome, "No leader came to be known in time."),
            RequestError.JumpedOver => new GroupException(GroupError.LeaderChanged, outcome, "This node was brought up to date by a snapshot; what became of the request is not known."),
            RequestError.NoSpace => new GroupException(GroupError.NoSpace, outcome, "There is no space."),
            RequestError.Corrupt => new GroupException(GroupError.Corrupt, outcome, "This node's state is not to be trusted."),
            _ => new GroupException(GroupError.Timeout, outcome, "It took too long."),
        };
    }
}
