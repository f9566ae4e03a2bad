using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;

namespace Quorate.Simulation;

/// <content>What the replica asks for.</content>
internal sealed partial class SimulatedNode : IReplicaHost
{
    private readonly LogThread _log;
    private readonly DiskThread _diskWorker;
    private ulong _commands;
    private bool _isRefusedAtOnce;

    /// <summary>Takes an operation of a client that reached this node.</summary>
    public void Submit(Operation operation)
    {
        if (operation.IsRead)
        {
            Replica!.Read(operation.Token);
            return;
        }

        // The replica numbers the commands it takes from 1; so the judge knows under which name this one will be applied.
        _isRefusedAtOnce = false;
        var id = new RequestId(Id, Replica!.Identity.Boot, _commands + 1);
        _world.Judge.OnProposed(id, operation);
        Replica.Propose(operation.Token, operation.Bytes);
        if (!_isRefusedAtOnce)
        {
            _commands++;
        }
    }

    /// <summary>Slows its disk down, or brings it back to its speed.</summary>
    public void SlowDisk(int factor) => _log.Factor = factor;

    void IReplicaHost.Write(LogBatch batch)
    {
        _world.Judge.OnWritten(this, batch);
        _log.Write(batch);
    }

    void IReplicaHost.ReadLog(LogRead read)
    {
        _world.Tally.See("log read back for a laggard");
        _log.Read(read);
    }

    void IReplicaHost.Run(DiskWork work)
    {
        _world.Tally.See($"disk work: {work.GetType().Name}");
        _diskWorker.Run(work);
    }

    void IReplicaHost.TrimLog(long position) => _log.TrimBefore(position);

    void IReplicaHost.Send(NodeId peer, ReadOnlySpan<byte> frame)
    {
        SimulatedNode to = _world.Find(peer);
        _world.Tally.SeeIf(frame[0] == (byte)FrameKind.RepairEntries, "hole filled by (index, ballot)");
        _world.Judge.OnSent(this, to, frame);
        _world.Network.Send(this, to, frame);
    }

    void IReplicaHost.SendWhenDurable(NodeId peer, ReadOnlySpan<byte> frame, long after) => _log.Hold(peer, frame, after);

    void IReplicaHost.Answer(ulong token, CommandResult result)
    {
        _world.Judge.Observe(this);
        _world.Workload.OnAnswer(this, token, result);
    }

    void IReplicaHost.Refuse(ulong token, RequestError error, bool mayApply)
    {
        _isRefusedAtOnce = true;
        _world.Workload.OnRefused(this, token, error, mayApply);
    }

    void IReplicaHost.ReadReady(ulong token, StateVersion state)
    {
        _world.Judge.Observe(this);
        _world.Workload.OnRead(this, token, state);
    }

    void IReplicaHost.Published(StateVersion state)
    {
        State = state;
        _world.Judge.Observe(this);
        _world.Judge.OnPublished(this, state);
    }

    void IReplicaHost.LeaderIs(NodeId leader, Ballot ballot)
    {
        if (leader == Id)
        {
            _world.Note(TraceKind.Lead, Index, number: ballot.Round);
            _world.Judge.OnLeads(this, ballot);
        }
    }

    void IReplicaHost.Configured(NodeIdentity identity, Configuration configuration) => _world.Judge.OnConfigured(this, identity, configuration);

    void IReplicaHost.Report(ReplicaEvent happened)
    {
        switch (happened)
        {
            case ReplicaEvent.NotWelcome refused:
                throw new ViolationException("founding", $"{Name} is not welcome: {refused.Reason}");
            case ReplicaEvent.SnapshotFailed failed:
                throw new ViolationException("snapshot", $"{Name} failed on a snapshot: {failed}");
            case ReplicaEvent.SnapshotInstalled installed:
                _world.Tally.See("snapshot installed");
                _world.Note(TraceKind.Snapshot, Index, number: installed.Index);
                break;
        }
    }
}
