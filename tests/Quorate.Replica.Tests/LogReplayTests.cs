using Quorate.Codec;
using Quorate.Consensus;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class LogReplayTests
{
    private readonly ByteWriter _scratch = new();
    private LogReplay _replay = new(new GroupLog(), null);
    private long _position = 100;

    [Fact]
    public void Entries_and_cuts_are_done_again_in_their_order()
    {
        Entries(from: 1, to: 5, round: 1);
        Cut(3);
        Entries(from: 3, to: 4, round: 2);
        Other(RecordKind.Boot);
        Other(RecordKind.Ballots);
        Other(RecordKind.Start);
        Entries(from: 5, to: 5, round: 2);
        AssertLog(last: 5, rounds: [1, 1, 2, 2, 2]);
        Assert.Equal(107L, _replay.Log.PositionOf(3));
        Assert.Equal(112L, _replay.Log.PositionOf(5));
    }

    [Fact]
    public void A_record_of_an_unknown_kind_stops_the_start()
    {
        Assert.Throws<FormatException>(() => _replay.OnRecord(1, [99, 0]));
        Assert.Throws<FormatException>(() => _replay.OnRecord(1, []));
    }

    [Fact]
    public void What_a_snapshot_stands_in_for_is_passed_over_and_what_continues_it_is_kept()
    {
        Behind(3, round: 1);
        Entries(from: 1, to: 5, round: 1);
        AssertLog(last: 5, rounds: [1, 1]);
        Assert.Equal(104L, _replay.Log.PositionOf(4));
    }

    [Fact]
    public void What_lies_behind_another_entry_than_the_snapshots_last_is_not_kept()
    {
        Behind(3, round: 2);
        Entries(from: 1, to: 5, round: 1);
        AssertLog(last: 3, rounds: []);
        Cut(4);
        AssertLog(last: 3, rounds: []);
    }

    [Fact]
    public void A_log_that_is_cut_and_written_anew_up_to_the_snapshot_continues_it()
    {
        Behind(3, round: 2);
        Entries(from: 1, to: 5, round: 1);
        Cut(2);
        Entries(from: 2, to: 6, round: 2);
        AssertLog(last: 6, rounds: [2, 2, 2]);
    }

    [Fact]
    public void A_cut_right_behind_the_snapshot_takes_everything()
    {
        Behind(3, round: 1);
        Entries(from: 2, to: 5, round: 1);
        Cut(4);
        AssertLog(last: 3, rounds: []);
        Entries(from: 4, to: 4, round: 3);
        AssertLog(last: 4, rounds: [3]);
    }

    [Fact]
    public void A_log_whose_beginning_was_trimmed_right_behind_the_snapshot_continues_it()
    {
        Behind(3, round: 1);
        Entries(from: 4, to: 6, round: 1);
        AssertLog(last: 6, rounds: [1, 1, 1]);
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
                    Behind(3, round: 2);
                    Entries(first, to: 6, oldRound);
                    Cut(cut);
                    Entries(cut, to: 5, round: cut == 4 ? 3UL : 2);
                    AssertLog(last: 5, rounds: cut == 4 ? [3, 3] : [2, 2]);
                }
            }
        }
    }

    [Fact]
    public void A_snapshot_that_was_installed_over_another_log_leaves_nothing_of_that_log()
    {
        Behind(3, round: 2);
        Entries(from: 1, to: 6, round: 1);
        Rebase(3, round: 2, keeps: false);
        Entries(from: 4, to: 5, round: 2);
        AssertLog(last: 5, rounds: [2, 2]);
    }

    [Fact]
    public void A_snapshot_that_was_installed_and_kept_what_lies_behind_changes_nothing()
    {
        Behind(3, round: 1);
        Entries(from: 1, to: 5, round: 1);
        Rebase(3, round: 1, keeps: true);
        Entries(from: 6, to: 6, round: 1);
        AssertLog(last: 6, rounds: [1, 1, 1]);
    }

    [Fact]
    public void An_older_snapshot_that_was_installed_once_lets_its_successors_lead_up_to_the_newer_one()
    {
        Behind(5, round: 3);
        Entries(from: 1, to: 7, round: 1);
        Rebase(3, round: 2, keeps: false);
        Entries(from: 4, to: 7, round: 3);
        AssertLog(last: 7, rounds: [3, 3]);
    }

    [Fact]
    public void A_snapshot_that_the_log_relies_on_and_that_is_missing_stops_the_start()
    {
        Behind(3, round: 1);
        Assert.Throws<InvariantException>(() => Rebase(4, round: 1, keeps: false));
    }

    private void Behind(ulong index, ulong round) => _replay = new(new GroupLog(index, Ballot(round)), null);

    private void AssertLog(ulong last, ulong[] rounds)
    {
        GroupLog log = _replay.Log;
        Assert.Equal(last, log.Last);
        Assert.Equal(last + 1 - (ulong)rounds.Length, log.First);
        Assert.Equal(rounds, Enumerable.Range(0, rounds.Length).Select(i => log.At(log.First + (ulong)i).Ballot.Round));
    }

    private void Entries(ulong from, ulong to, ulong round)
    {
        for (ulong index = from; index <= to; index++)
        {
            _replay.OnRecord(++_position, RecordCodec.Encode(Entry(index, round), _scratch, out _));
        }
    }

    private void Cut(ulong index) => _replay.OnRecord(++_position, RecordCodec.EncodeTruncate(index, _scratch));

    private void Rebase(ulong index, ulong round, bool keeps) =>
        _replay.OnRecord(++_position, RecordCodec.EncodeRebase(index, Ballot(round), keeps, _scratch));

    private void Other(RecordKind kind) => _replay.OnRecord(++_position, RecordCodec.Encode(kind, _scratch));
}
