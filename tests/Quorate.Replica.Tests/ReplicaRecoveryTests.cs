using Quorate.Codec;
using Quorate.Consensus;
using Quorate.State;
using Quorate.Storage;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class ReplicaRecoveryTests
{
    private static readonly RecordLogOptions LogOptions = new() { SegmentBytes = 4096 };
    private readonly MemoryDisk _disk = new();
    private readonly ByteWriter _scratch = new();

    [Fact]
    public void A_blank_disk_gets_the_fresh_identity_and_boot_number_one()
    {
        RecoveredReplica recovered = Recover();
        Assert.Equal(new NodeIdentity(0, A, "n", 1), recovered.Identity);
        Assert.Null(recovered.Configuration);
        Assert.Equal(default, recovered.Ballots);
        Assert.Equal((0UL, 0UL), (recovered.Log.Last, recovered.Machine.AppliedIndex));
        Assert.Equal(recovered.Records.LastPosition, recovered.Records.DurablePosition);
    }

    [Fact]
    public void Boot_numbers_rise_and_are_durable_before_anything_is_said()
    {
        for (uint boot = 1; boot <= 10; boot++)
        {
            // The identity on the disk holds, whatever fresh one is offered; a crash right after the return loses nothing.
            Assert.Equal(new NodeIdentity(0, A, "n", boot), Recover(freshId: boot == 1 ? A : B).Identity);
            _disk.Crash();
        }
    }

    [Fact]
    public void A_disk_of_another_node_is_refused_with_the_remedy_and_left_as_it_is()
    {
        Recover();
        FormatException failure = Assert.Throws<FormatException>(() => Recover(name: "other"));
        Assert.Contains("--name n", failure.Message);
        Assert.Contains("--data-dir", failure.Message);
        Assert.Equal(2U, Recover().Identity.Boot);
    }

    [Fact]
    public void Entries_ballots_the_configuration_and_what_is_decided_come_back()
    {
        Write(Recover(), decided: 2, new Ballots(4, B, Ballot(3)), Records(1, 3, round: 4));
        _disk.Crash();
        RecoveredReplica recovered = Recover();
        Assert.Equal((3UL, 2UL, Ballot(4)), (recovered.Log.Last, recovered.Log.Decided, recovered.Log.LastBallot));
        Assert.Equal(new Ballots(4, B, Ballot(3)), recovered.Ballots);
        Assert.Equal([A, B, C], recovered.Configuration!.Members.Select(member => member.Id));
        Assert.Equal(new NodeIdentity(77, A, "n", 2), recovered.Identity);
        List<ReadOnlyMemory<byte>> read = [];
        recovered.Records.Read(recovered.Log.PositionOf(2), 1, read);
        Assert.True(RecordCodec.TryDecode(read[0].Span, out DecodedRecord second));
        Assert.Equal(2UL, second.Index);
    }

    [Fact]
    public void The_state_goes_on_from_the_snapshot_and_the_log_behind_it()
    {
        Write(Recover(), decided: 4, new Ballots(4, B, default), Records(1, 5, round: 4));
        SaveSnapshot(2, round: 4);
        RecoveredReplica recovered = Recover();
        Assert.Equal((2UL, 2UL, Ballot(4)), (recovered.SnapshotIndex, recovered.Machine.AppliedIndex, recovered.AppliedBallot));
        Assert.Equal((3UL, 5UL, 4UL), (recovered.Log.First, recovered.Log.Last, recovered.Log.Decided));
        Assert.Equal("v", Get(recovered.Machine.Current, "k"));
        Assert.True(recovered.SnapshotBytes > 0);
    }

    [Fact]
    public void A_log_that_does_not_end_where_its_caption_says_is_corrupt()
    {
        RecoveredReplica recovered = Recover();
        Caption caption = CaptionOf(recovered, decided: 1, default, lastIndex: 4, lastRound: 4);
        recovered.Records.Write(caption.Encode(_scratch), Records(1, 3, round: 4));
        recovered.Records.Flush();
        Assert.Throws<CorruptionException>(() => Recover());
    }

    [Fact]
    public void A_snapshot_newer_than_the_captions_end_replaces_it()
    {
        Write(Recover(), decided: 2, new Ballots(4, B, default), Records(1, 3, round: 4));
        SaveSnapshot(9, round: 6);
        for (int boot = 0; boot < 3; boot++)
        {
            RecoveredReplica recovered = Recover();
            Assert.Equal((10UL, 9UL, 9UL, Ballot(6)), (recovered.Log.First, recovered.Log.Last, recovered.Log.Decided, recovered.Log.LastBallot));
            Assert.Equal(9UL, recovered.Machine.AppliedIndex);
            _disk.Crash();
        }
    }

    [Fact]
    public void A_snapshots_round_lifts_a_lower_one_and_takes_the_vote_with_it()
    {
        Write(Recover(), decided: 2, new Ballots(4, B, default), Records(1, 3, round: 4));
        SaveSnapshot(9, round: 6);
        Assert.Equal(new Ballots(6, NodeId.None, default), Recover().Ballots);
    }

    [Fact]
    public void A_snapshots_round_leaves_a_higher_one_and_its_vote_alone()
    {
        Write(Recover(), decided: 2, new Ballots(6, B, default), Records(1, 3, round: 4));
        SaveSnapshot(9, round: 6);
        Assert.Equal(new Ballots(6, B, default), Recover().Ballots);
    }

    /// <summary>
    /// The node is stopped between the rename of a received snapshot and the record of its installation, while another history
    /// stands at its place in the log; then it goes on and is started once more.
    /// </summary>
    [Fact]
    public void What_is_written_behind_a_snapshot_that_replaced_the_end_comes_back_at_the_next_start()
    {
        Write(Recover(), decided: 2, new Ballots(4, B, default), Records(1, 6, round: 4));
        SaveSnapshot(4, round: 5);
        RecoveredReplica recovered = Recover();
        Assert.Equal(4UL, recovered.Log.Last);
        Entry next = Entry(5, 5);
        recovered.Log.Append(next, recovered.LastPosition + 1);
        recovered.Records.Write(
            CaptionOf(recovered, decided: 4, new Ballots(5, B, default), 5, 5).Encode(_scratch),
            [Record(next)]);
        recovered.Records.Flush();

        RecoveredReplica again = Recover();
        Assert.Equal((5UL, Ballot(5), 4UL), (again.Log.Last, again.Log.LastBallot, again.Log.Decided));
        Assert.Equal(3U, again.Identity.Boot);
    }

    [Fact]
    public void A_snapshot_without_the_log_it_belongs_to_is_not_taken_for_a_blank_disk()
    {
        SaveSnapshot(9, round: 6);
        CorruptionException failure = Assert.Throws<CorruptionException>(() => Recover());
        Assert.Contains("--data-dir", failure.Message);
    }

    [Fact]
    public void A_disk_of_a_feature_level_that_this_build_does_not_know_is_refused_with_the_remedy()
    {
        RecoveredReplica recovered = Recover();
        Caption caption = CaptionOf(recovered, decided: 0, default, lastIndex: 0, lastRound: 0);
        caption = caption with { LastBallot = default, Configuration = caption.Configuration! with { FeatureLevel = FeatureLevel.Newest + 1 } };
        recovered.Records.Write(caption.Encode(_scratch), [RecordCodec.Encode(RecordKind.Start, _scratch)]);
        recovered.Records.Flush();
        FormatException failure = Assert.Throws<FormatException>(() => Recover());
        Assert.Contains($"feature level {FeatureLevel.Newest + 1}", failure.Message);
        Assert.Contains("Start a build", failure.Message);
    }

    [Fact]
    public void What_an_interrupted_snapshot_left_behind_is_deleted()
    {
        _disk.Create("snapshot-00000000000000000009.qsnap.receiving", 10).Dispose();
        _disk.Create("snapshot-00000000000000000009.qsnap.writing", 10).Dispose();
        Recover();
        Assert.DoesNotContain(_disk.List(), name => name.StartsWith("snapshot", StringComparison.Ordinal));
    }

    private RecoveredReplica Recover(string name = "n", NodeId? freshId = null) =>
        ReplicaRecovery.Recover(_disk, name, freshId ?? A, LogOptions, new StateOptions());

    private List<ReadOnlyMemory<byte>> Records(ulong from, ulong to, ulong round)
    {
        List<ReadOnlyMemory<byte>> records = [];
        for (ulong index = from; index <= to; index++)
        {
            records.Add(Record(Entry(index, round)));
        }

        return records;
    }

    private void Write(RecoveredReplica recovered, ulong decided, Ballots ballots, List<ReadOnlyMemory<byte>> records)
    {
        Assert.True(RecordCodec.TryDecode(records[^1].Span, out DecodedRecord last));
        recovered.Records.Write(CaptionOf(recovered, decided, ballots, last.Index, last.Ballot.Round).Encode(_scratch), records);
        recovered.Records.Flush();
        recovered.Records.Dispose();
    }

    private static Caption CaptionOf(RecoveredReplica recovered, ulong decided, Ballots ballots, ulong lastIndex, ulong lastRound) =>
        new(recovered.Identity with { ClusterId = 77 }, ballots, decided, lastIndex, Ballot(lastRound), Configuration(A, B, C));

    private void SaveSnapshot(ulong index, ulong round)
    {
        SnapshotCaption caption = new(77, index, Ballot(round), Configuration(A, B, C));
        SaveSnapshotWork work = new(_disk, caption, Machine(index, "v").Current.Map);
        while (work.Step())
        {
        }
    }
}
