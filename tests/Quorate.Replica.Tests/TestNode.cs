using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Replica.Tests;

/// <summary>A replica with a disk in memory. Nothing happens by itself: <see cref="Pump"/> does what the replica asked for.</summary>
internal sealed class TestNode : IReplicaHost
{
    private readonly TestCluster _cluster;
    private readonly Queue<LogBatch> _batches = new();
    private readonly Queue<LogRead> _logReads = new();
    private readonly Queue<DiskWork> _works = new();
    private readonly HeldFrames _held = new();
    private readonly IRecordLog _records;

    public TestNode(TestCluster cluster, MemoryDisk disk, string name, NodeId freshId, ReplicaOptions options)
    {
        _cluster = cluster;
        Disk = disk;
        RecoveredReplica recovered = ReplicaRecovery.Recover(
            disk, name, freshId, new RecordLogOptions { SegmentBytes = 4096 }, new StateOptions());
        _records = recovered.Records;
        State = recovered.Machine.Current;
        Replica = new Replica(recovered, options, this, cluster.Now);
    }

    public MemoryDisk Disk { get; }

    public Replica Replica { get; }

    public NodeId Id => Replica.Identity.Node;

    public bool Leads => Replica.Status.Protocol.Role == Role.Leader;

    /// <summary>Whether what is written waits for the disk.</summary>
    public bool IsDiskSlow { get; set; }

    public StateVersion State { get; private set; }

    public SortedDictionary<ulong, CommandResult> Answers { get; } = [];

    public SortedDictionary<ulong, (RequestError Error, bool MayApply)> Refusals { get; } = [];

    /// <summary>The states that reads were answered from.</summary>
    public SortedDictionary<ulong, StateVersion> Reads { get; } = [];

    public List<ReplicaEvent> Events { get; } = [];

    public List<long> Trims { get; } = [];

    /// <summary>Does what waits. Returns whether there was anything.</summary>
    public bool Pump()
    {
        bool any = Replica.Flush();
        while (!IsDiskSlow && _batches.TryDequeue(out LogBatch? batch))
        {
            any = true;
            _records.Write(batch.Caption, batch.Records);
            _records.Flush();
            Assert.Equal(batch.LastPosition, _records.DurablePosition);
            while (_held.TryTake(batch.LastPosition, out NodeId peer, out ReadOnlyMemory<byte> frame))
            {
                _cluster.Send(Id, peer, frame.ToArray());
            }

            Replica.Durable(batch.LastPosition);
        }

        while (_logReads.TryDequeue(out LogRead? read))
        {
            any = true;
            List<ReadOnlyMemory<byte>> records = [];
            _records.Read(read.Position, read.MaxBytes, records);
            Replica.LogWasRead(read, records);
        }

        while (_works.TryDequeue(out DiskWork? work))
        {
            any = true;
            Do(work);
            Replica.WorkDone(work);
        }

        return any;
    }

    void IReplicaHost.Write(LogBatch batch) => _batches.Enqueue(batch);

    void IReplicaHost.ReadLog(LogRead read) => _logReads.Enqueue(read);

    void IReplicaHost.Run(DiskWork work) => _works.Enqueue(work);

    void IReplicaHost.TrimLog(long position)
    {
        Trims.Add(position);
        _records.TrimBefore(position);
    }

    void IReplicaHost.Send(NodeId peer, ReadOnlySpan<byte> frame) => _cluster.Send(Id, peer, frame.ToArray());

    void IReplicaHost.SendWhenDurable(NodeId peer, ReadOnlySpan<byte> frame, long after) => _held.Hold(peer, frame, after);

    void IReplicaHost.Answer(ulong token, CommandResult result)
    {
        AssertUnanswered(token);
        Answers.Add(token, result);
    }

    void IReplicaHost.Refuse(ulong token, RequestError error, bool mayApply)
    {
        AssertUnanswered(token);
        Refusals.Add(token, (error, mayApply));
    }

    void IReplicaHost.ReadReady(ulong token, StateVersion state)
    {
        AssertUnanswered(token);
        Reads.Add(token, state);
    }

    void IReplicaHost.Published(StateVersion state) => State = state;

    void IReplicaHost.LeaderIs(NodeId leader, Ballot ballot)
    {
    }

    void IReplicaHost.Configured(NodeIdentity identity, Configuration configuration)
    {
    }

    void IReplicaHost.Report(ReplicaEvent happened) => Events.Add(happened);

    private static void Do(DiskWork work)
    {
        try
        {
            while (work.Step())
            {
            }
        }
        catch (IOException failure)
        {
            work.Failure = failure;
            work.Abandon();
        }
    }

    private void AssertUnanswered(ulong token) =>
        Assert.False(Answers.ContainsKey(token) || Refusals.ContainsKey(token) || Reads.ContainsKey(token), $"{token} is answered twice");
}
