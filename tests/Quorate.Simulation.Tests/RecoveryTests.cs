using Quorate.Codec;
using Quorate.Consensus;
using Quorate.Replica;
using Quorate.State;
using Quorate.Storage;

namespace Quorate.Simulation.Tests;

/// <summary>What the virtual world, and reading beside it, found in recovery, each in its shortest form.</summary>
public sealed class RecoveryTests
{
    private static readonly NodeIdentity Self = new(1, new NodeId(5), "n1", 1);
    private static readonly Ballot Old = new(1, 3, new NodeId(5));
    private static readonly Ballot New = new(1, 8, new NodeId(6));

    private readonly ByteWriter _scratch = new();

    [Fact]
    public void What_a_trimmed_log_leaves_of_a_cut_branch_is_passed_over()
    {
        var log = new GroupLog(10, New);
        var replay = new LogReplay(log, null);
        replay.OnRecord(1, Record(14, Old));
        replay.OnRecord(2, RecordCodec.EncodeTruncate(13, _scratch));
        replay.OnRecord(3, Record(11, Old));
        replay.OnRecord(4, RecordCodec.EncodeTruncate(10, _scratch));
        replay.OnRecord(5, Record(10, New));
        replay.OnRecord(6, Record(11, New));
        Assert.Equal(11UL, log.Last);
        Assert.Equal(New, log.LastBallot);
        Assert.Equal(6, log.PositionOf(11));
    }

    [Fact]
    public void A_snapshot_that_replaced_the_end_of_the_log_before_a_crash_stays_its_end_for_good()
    {
        var disk = new VirtualDisk(new SeededGenerator(1));
        var options = new RecordLogOptions { SegmentBytes = 8192 };
        var entries = new List<ReadOnlyMemory<byte>>();
        for (ulong index = 1; index <= 12; index++)
        {
            entries.Add(Record(index, Old));
        }

        using (RecordLog blank = RecordLog.Recover(disk, options, new LogReplay(new GroupLog(), null)).Log)
        {
            blank.Write(CaptionOf(decided: 0, last: 12, Old), entries);
            blank.Flush();
        }

        SaveSnapshot(disk, 10);
        RecoveredReplica first = ReplicaRecovery.Recover(disk, "n1", Self.Node, options, new StateOptions());
        Assert.Equal((10UL, New), (first.Log.Last, first.Log.LastBallot));
        first.Records.Write(CaptionOf(decided: 11, last: 11, New), [Record(11, New)]);
        first.Records.Flush();
        first.Records.Dispose();

        RecoveredReplica second = ReplicaRecovery.Recover(disk, "n1", Self.Node, options, new StateOptions());
        Assert.Equal((11UL, New), (second.Log.Last, second.Log.LastBallot));
        second.Records.Dispose();
    }

    private static Configuration Alone =>
        new(1, ProtocolKind.Raft, [new Member(Self.Node, "n1", "n1:2380", "http://n1:2379", MemberRole.Voter)], NodeId.None, 0, 1);

    private static void SaveSnapshot(VirtualDisk disk, ulong index)
    {
        var machine = new StateMachine(new OrderedMap(), new StateOptions());
        machine.BeginEntry(index, 0, FeatureLevel.Newest);
        machine.EndEntry();
        using var writer = new SnapshotWriter(disk, index, new SnapshotCaption(1, index, New, Alone).Encode(), machine.Publish().Map);
        while (writer.Step(4096))
        {
        }
    }

    private byte[] Record(ulong index, Ballot ballot) =>
        RecordCodec.Encode(new Entry(index, ballot, EntryKind.NoOp, default), _scratch, new RecordMemory(1), 1, out _).ToArray();

    private byte[] CaptionOf(ulong decided, ulong last, Ballot ballot) =>
        new Caption(Self, new Ballots(ballot.Round, NodeId.None, Ballot.Zero), decided, last, ballot, Alone).Encode(_scratch);
}
