using Quorate.Codec;
using Quorate.Consensus;
using Quorate.Storage;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class LogReplayTests
{
    private readonly ByteWriter _scratch = new();
    private long _position = 100;

    [Fact]
    public void Entries_and_cuts_are_done_again_in_their_order()
    {
        LogReplay replay = new(new GroupLog(), null);
        Entries(replay, from: 1, to: 5, round: 1);
        Cut(replay, 3);
        Entries(replay, from: 3, to: 4, round: 2);
        Other(replay, RecordKind.Boot);
        Other(replay, RecordKind.Ballots);
        Other(replay, RecordKind.Start);
        Entries(replay, from: 5, to: 5, round: 2);
        AssertLog(replay.Log, last: 5, rounds: [1, 1, 2, 2, 2]);
        Assert.Equal(107L, replay.Log.PositionOf(3));
        Assert.Equal(112L, replay.Log.PositionOf(5));
    }

    [Fact]
    public void A_record_of_an_unknown_kind_stops_the_start()
    {
        LogReplay replay = new(new GroupLog(), null);
        Assert.Throws<FormatException>(() => replay.OnRecord(1, [99, 0]));
        Assert.Throws<FormatException>(() => replay.OnRecord(1, []));
    }

    [Fact]
    public void What_a_snapshot_stands_in_for_is_passed_over_and_what_continues_it_is_kept()
    {
        LogReplay replay = Behind(3, round: 1);
        Entries(replay, from: 1, to: 5, round: 1);
        AssertLog(replay.Log, last: 5, rounds: [1, 1]);
        Assert.Equal(104L, replay.Log.PositionOf(4));
    }

    [Fact]
    public void What_lies_behind_another_entry_than_the_snapshots_last_is_not_kept()
    {
        LogReplay replay = Behind(3, round: 2);
        Entries(replay, from: 1, to: 5, round: 1);
        AssertLog(replay.Log, last: 3, rounds: []);
        Cut(replay, 4);
        AssertLog(replay.Log, last: 3, rounds: []);
    }

    [Fact]
    public void A_log_that_is_cut_and_written_anew_up_to_the_snapshot_continues_it()
    {
        LogReplay replay = Behind(3, round: 2);
        Entries(replay, from: 1, to: 5, round: 1);
        Cut(replay, 2);
        Entries(replay, from: 2, to: 6, round: 2);
        AssertLog(replay.Log, last: 6, rounds: [2, 2, 2]);
    }

    [Fact]
    public void A_cut_right_behind_the_snapshot_takes_everything()
    {
        LogReplay replay = Behind(3, round: 1);
        Entries(replay, from: 2, to: 5, round: 1);
        Cut(replay, 4);
        AssertLog(replay.Log, last: 3, rounds: []);
        Entries(replay, from: 4, to: 4, round: 3);
        AssertLog(replay.Log, last: 4, rounds: [3]);
    }

    [Fact]
    public void A_log_whose_beginning_was_trimmed_right_behind_the_snapshot_continues_it()
    {
        LogReplay replay = Behind(3, round: 1);
        Entries(replay, from: 4, to: 6, round: 1);
        AssertLog(replay.Log, last: 6, rounds: [1, 1, 1]);
    }

    /// <summary>
    /// The oldest segment may begin anywhere in a stretch that was cut later: what the snapshot's successor was there once is
    /// gone, or lies below the snapshot's round, or only the cut itself is left.
    /// </summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_log_that_begins_in_the_middle_of_what_was_cut_later_continues_the_snapshot(ulong first)
    {
        foreach (ulong cut in (ulong[])[2, 3, 4])
        {
            foreach (ulong oldRound in (ulong[])[1, 2])
            {
                // An older round behind the snapshot can only have been cut at or before its last entry.
                if (oldRound == 1 || cut == 4)
                {
                    LogReplay replay = Behind(3, round: 2);
                    Entries(replay, first, to: 6, oldRound);
                    Cut(replay, cut);
                    Entries(replay, cut, to: 5, round: cut == 4 ? 3UL : 2);
                    AssertLog(replay.Log, last: 5, rounds: cut == 4 ? [3, 3] : [2, 2]);
                }
            }
        }
    }

    [Fact]
    public void A_snapshot_that_was_installed_over_another_log_leaves_nothing_of_that_log()
    {
        LogReplay replay = Behind(3, round: 2);
        Entries(replay, from: 1, to: 6, round: 1);
        Rebase(replay, 3, round: 2, keeps: false);
        Entries(replay, from: 4, to: 5, round: 2);
        AssertLog(replay.Log, last: 5, rounds: [2, 2]);
    }

    [Fact]
    public void A_snapshot_that_was_installed_and_kept_what_lies_behind_changes_nothing()
    {
        LogReplay replay = Behind(3, round: 1);
        Entries(replay, from: 1, to: 5, round: 1);
        Rebase(replay, 3, round: 1, keeps: true);
        Entries(replay, from: 6, to: 6, round: 1);
        AssertLog(replay.Log, last: 6, rounds: [1, 1, 1]);
    }

    [Fact]
    public void An_older_snapshot_that_was_installed_once_lets_its_successors_lead_up_to_the_newer_one()
    {
        LogReplay replay = Behind(5, round: 3);
        Entries(replay, from: 1, to: 7, round: 1);
        Rebase(replay, 3, round: 2, keeps: false);
        Entries(replay, from: 4, to: 7, round: 3);
        AssertLog(replay.Log, last: 7, rounds: [3, 3]);
    }

    [Fact]
    public void What_follows_a_snapshot_that_is_missing_is_put_aside()
    {
        LogReplay replay = Behind(3, round: 1);
        Entries(replay, from: 4, to: 5, round: 1);
        Rebase(replay, 8, round: 2, keeps: false);
        Entries(replay, from: 9, to: 10, round: 2);
        AssertHole(replay, round: 2, decided: 8, aside: [9, 10]);
        AssertLog(replay.Log, last: 3, rounds: []);
    }

    [Fact]
    public void What_stands_behind_a_hole_is_put_aside_and_what_stood_before_it_is_not_trusted()
    {
        LogReplay replay = new(new GroupLog(), null);
        Entries(replay, from: 1, to: 4, round: 1);
        Lose(replay);
        Entries(replay, from: 6, to: 8, round: 1);
        Cut(replay, 8);
        Entries(replay, from: 8, to: 9, round: 2);
        AssertHole(replay, round: 2, decided: 4, aside: [6, 7, 8, 9]);
        AssertLog(replay.Log, last: 0, rounds: []);
    }

    [Fact]
    public void A_hole_in_what_the_snapshot_stands_in_for_costs_nothing()
    {
        LogReplay replay = Behind(5, round: 1);
        Entries(replay, from: 1, to: 2, round: 1);
        Lose(replay);
        Entries(replay, from: 4, to: 7, round: 1);
        Assert.Null(replay.Resolve(new LogEnd(7, Ballot(1)), decided: 2));
        AssertLog(replay.Log, last: 7, rounds: [1, 1]);
        Assert.NotNull(replay.Damage);
    }

    [Fact]
    public void Entries_right_behind_the_snapshot_continue_it_if_the_node_knew_the_snapshot_decided()
    {
        foreach (ulong decided in (ulong[])[4, 5])
        {
            LogReplay replay = Behind(5, round: 1);
            Lose(replay);
            Entries(replay, from: 6, to: 7, round: 1);
            Assert.Equal(decided == 5, replay.Resolve(new LogEnd(7, Ballot(1)), decided) is null);
        }
    }

    [Fact]
    public void A_snapshot_that_ends_with_another_entry_than_what_stands_behind_a_hole_takes_its_place()
    {
        LogReplay replay = Behind(5, round: 2);
        Lose(replay);
        Entries(replay, from: 4, to: 7, round: 1);
        Assert.Null(replay.Resolve(new LogEnd(7, Ballot(1)), decided: 3));
        AssertLog(replay.Log, last: 5, rounds: []);
    }

    [Fact]
    public void A_log_that_is_being_mended_goes_on_where_it_was()
    {
        LogReplay replay = new(new GroupLog(), null);
        Entries(replay, from: 1, to: 4, round: 1);
        Lose(replay);
        Entries(replay, from: 7, to: 9, round: 1);
        replay.OnRecord(++_position, RecordCodec.EncodeRepair(0, default, _scratch));
        Entries(replay, from: 1, to: 3, round: 1);
        LogRepair repair = AssertHole(replay, round: 1, decided: 2, aside: [7, 8, 9]);
        AssertLog(replay.Log, last: 3, rounds: [1, 1, 1]);
        Assert.Equal(_position - 3, repair.Position);
        Entries(replay, from: 4, to: 9, round: 1);
        Assert.Null(replay.Resolve(new LogEnd(9, Ballot(1)), decided: 2));
    }

    private static LogRepair AssertHole(LogReplay replay, ulong round, ulong decided, ulong[] aside)
    {
        LogRepair? repair = replay.Resolve(new LogEnd(aside[^1], Ballot(round)), decided);
        Assert.NotNull(repair);
        Assert.Equal(aside, repair.Aside.Select(entry => entry.Index));
        return repair;
    }

    private void Lose(LogReplay replay)
    {
        _position++;
        replay.OnLost(new LogDamage(_position, _position, "a test"));
    }

    private static LogReplay Behind(ulong index, ulong round) => new(new GroupLog(index, Ballot(round)), null);

    private static void AssertLog(GroupLog log, ulong last, ulong[] rounds)
    {
        Assert.Equal(last, log.Last);
        Assert.Equal(last + 1 - (ulong)rounds.Length, log.First);
        Assert.Equal(rounds, Enumerable.Range(0, rounds.Length).Select(i => log.At(log.First + (ulong)i).Ballot.Round));
    }

    private void Entries(LogReplay replay, ulong from, ulong to, ulong round)
    {
        for (ulong index = from; index <= to; index++)
        {
            replay.OnRecord(++_position, Record(Entry(index, round)));
        }
    }

    private void Cut(LogReplay replay, ulong index) => replay.OnRecord(++_position, RecordCodec.EncodeTruncate(index, _scratch));

    private void Rebase(LogReplay replay, ulong index, ulong round, bool keeps) =>
        replay.OnRecord(++_position, RecordCodec.EncodeRebase(index, Ballot(round), keeps, _scratch));

    private void Other(LogReplay replay, RecordKind kind) => replay.OnRecord(++_position, RecordCodec.Encode(kind, _scratch));
}
