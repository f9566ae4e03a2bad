using Quorate.Consensus;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class GroupLogTests
{
    [Fact]
    public void An_empty_log_ends_at_zero_under_the_zero_ballot()
    {
        GroupLog log = new();
        Assert.Equal((1UL, 0UL, 0UL, 1UL), (log.First, log.Last, log.Decided, log.FirstOnDisk));
        Assert.Equal(Consensus.Ballot.Zero, log.LastBallot);
        Assert.True(log.Holds(0, Consensus.Ballot.Zero));
        Assert.False(log.Holds(1, Consensus.Ballot.Zero));
    }

    [Fact]
    public void A_log_behind_a_snapshot_goes_on_from_its_end()
    {
        GroupLog log = new(10, Ballot(3));
        Assert.Equal((11UL, 10UL, 10UL, 11UL), (log.First, log.Last, log.Decided, log.FirstOnDisk));
        Assert.Equal(Ballot(3), log.LastBallot);
        log.Append(Entry(11, 3), 77);
        Assert.Equal(77, log.PositionOf(11));
        Assert.Equal(Ballot(3), log.BallotAt(10));
    }

    [Fact]
    public void An_append_that_leaves_a_gap_or_goes_back_a_round_breaks_an_invariant()
    {
        GroupLog log = Filled(3, round: 5);
        Assert.Throws<InvariantException>(() => log.Append(Entry(5, 5), 9));
        Assert.Throws<InvariantException>(() => log.Append(Entry(3, 5), 9));
        Assert.Throws<InvariantException>(() => log.Append(Entry(4, 4), 9));
        log.Append(Entry(4, 6), 9);
        Assert.Equal(4UL, log.Last);
    }

    [Fact]
    public void A_cut_takes_entries_positions_and_bytes_away_and_leaves_the_rest()
    {
        GroupLog log = Filled(5, round: 1);
        log.TruncateFrom(3);
        Assert.Equal(2UL, log.Last);
        Assert.Equal(2 * PayloadBytes, log.BytesInMemory);
        log.Append(Entry(3, 2), 20);
        Assert.Equal((101L, 102L, 20L), (log.PositionOf(1), log.PositionOf(2), log.PositionOf(3)));
        Assert.Equal(Ballot(2), log.BallotAt(3));
        Assert.Throws<InvariantException>(() => log.PositionOf(4));
    }

    [Fact]
    public void Nothing_decided_is_ever_cut()
    {
        GroupLog log = Filled(5, round: 1);
        log.DecideTo(3);
        Assert.Throws<InvariantException>(() => log.TruncateFrom(3));
        Assert.Throws<InvariantException>(() => log.ClearBehind(2));
        log.ClearBehind(5);
        Assert.Equal(5UL, log.Last);
        log.ClearBehind(3);
        Assert.Equal(3UL, log.Last);
        Assert.Throws<InvariantException>(() => log.TruncateFrom(4));
    }

    [Fact]
    public void What_is_decided_rises_and_lies_in_the_log()
    {
        GroupLog log = Filled(5, round: 1);
        Assert.Throws<InvariantException>(() => log.DecideTo(6));
        log.DecideTo(4);
        Assert.Throws<InvariantException>(() => log.DecideTo(4));
        Assert.Throws<InvariantException>(() => log.DecideTo(3));
        Assert.Equal(4UL, log.Decided);
    }

    [Fact]
    public void Shrinking_forgets_the_oldest_entries_but_no_position_and_nothing_that_is_not_applied()
    {
        GroupLog log = Filled(6, round: 1);
        log.DecideTo(6);
        log.Shrink(maxBytes: 2 * PayloadBytes, keepAfter: 3);
        Assert.Equal((4UL, 6UL), (log.First, log.Last));
        Assert.Equal(3 * PayloadBytes, log.BytesInMemory);
        Assert.Equal(Ballot(1), log.BallotAt(3));
        Assert.Throws<InvariantException>(() => log.BallotAt(2));
        Assert.Throws<InvariantException>(() => log.At(3));
        Assert.Equal(101, log.PositionOf(1));

        log.Shrink(maxBytes: 2 * PayloadBytes, keepAfter: 6);
        Assert.Equal((5UL, 6UL), (log.First, log.Last));
        log.Shrink(maxBytes: 0, keepAfter: 6);
        Assert.Equal((7UL, 6UL, 0L), (log.First, log.Last, log.BytesInMemory));
        Assert.Equal(Ballot(1), log.LastBallot);
    }

    [Fact]
    public void A_cut_below_what_memory_holds_breaks_an_invariant()
    {
        GroupLog log = Filled(6, round: 1);
        log.Shrink(maxBytes: 0, keepAfter: 3);
        Assert.Throws<InvariantException>(() => log.TruncateFrom(3));
        log.TruncateFrom(4);
        Assert.Equal(3UL, log.Last);
    }

    [Fact]
    public void A_cut_after_the_disk_was_trimmed_leaves_the_right_positions()
    {
        GroupLog log = Filled(6, round: 1);
        log.ForgetDiskBefore(4);
        log.TruncateFrom(6);
        log.Append(Entry(6, 2), 30);
        Assert.Equal((4UL, 104L, 105L, 30L), (log.FirstOnDisk, log.PositionOf(4), log.PositionOf(5), log.PositionOf(6)));
        Assert.Throws<InvariantException>(() => log.PositionOf(3));
    }

    [Fact]
    public void The_disk_can_be_forgotten_whole_and_is_never_remembered_again()
    {
        GroupLog log = Filled(3, round: 1);
        log.ForgetDiskBefore(9);
        Assert.Equal(4UL, log.FirstOnDisk);
        log.ForgetDiskBefore(2);
        Assert.Equal(4UL, log.FirstOnDisk);
        log.Append(Entry(4, 1), 50);
        Assert.Equal(50, log.PositionOf(4));
    }

    [Fact]
    public void Reading_gives_at_least_one_entry_and_stops_behind_the_bound()
    {
        GroupLog log = Filled(5, round: 1);
        List<Entry> read = [];
        log.Read(2, maxBytes: 1, read);
        Assert.Equal([2UL], read.Select(entry => entry.Index));
        read.Clear();
        log.Read(2, (int)PayloadBytes * 2, read);
        Assert.Equal([2UL, 3UL], read.Select(entry => entry.Index));
        read.Clear();
        log.Read(6, 1000, read);
        Assert.Empty(read);
        log.Shrink(0, keepAfter: 2);
        Assert.Throws<InvariantException>(() => log.Read(2, 1000, read));
    }

    [Fact]
    public void A_snapshot_whose_last_entry_the_log_holds_keeps_what_lies_behind()
    {
        GroupLog log = Filled(5, round: 1);
        Assert.True(log.Rebase(3, Ballot(1)));
        Assert.Equal((5UL, 3UL), (log.Last, log.Decided));
        Assert.Equal(105, log.PositionOf(5));
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(9, 1)]
    public void A_snapshot_whose_last_entry_the_log_does_not_hold_leaves_nothing_of_it(ulong index, ulong round)
    {
        GroupLog log = Filled(5, round: 1);
        log.DecideTo(2);
        Assert.False(log.Rebase(index, Ballot(round)));
        Assert.Equal((index + 1, index, index, index + 1), (log.First, log.Last, log.Decided, log.FirstOnDisk));
        Assert.Equal(0, log.BytesInMemory);
        Assert.Equal(Ballot(round), log.LastBallot);
        log.Append(Entry(index + 1, 7), 200);
        Assert.Equal(200, log.PositionOf(index + 1));
    }

    [Fact]
    public void A_snapshot_older_than_what_is_decided_never_cuts_what_is_decided()
    {
        GroupLog log = Filled(5, round: 1);
        log.DecideTo(5);
        log.Shrink(0, keepAfter: 4);
        Assert.Throws<InvariantException>(() => log.Rebase(2, Ballot(1)));
        Assert.Throws<InvariantException>(() => log.Rebase(5, Ballot(9)));
        Assert.Equal(5UL, log.Last);
    }

    [Fact]
    public void It_answers_as_a_plain_model_does_whatever_is_done_to_it()
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            SeededGenerator generator = new(seed);
            GroupLog log = new();
            SortedDictionary<ulong, (Ballot Ballot, long Position)> model = [];
            ulong round = 1;
            for (long position = 1; position <= 500; position++)
            {
                ulong open = log.Last - log.Decided;
                switch (generator.Below(10))
                {
                    case 0 when open > 0:
                        ulong from = log.Decided + 1 + generator.Below(open);
                        log.TruncateFrom(from);
                        model.Keys.Where(index => index >= from).ToList().ForEach(index => model.Remove(index));
                        break;
                    case 1 when open > 0:
                        log.DecideTo(log.Decided + 1 + generator.Below(open));
                        break;
                    case 2:
                        log.Shrink((long)generator.Below(100), log.Decided);
                        break;
                    case 3:
                        log.ForgetDiskBefore(generator.Below(log.Decided + 2));
                        break;
                    default:
                        round += generator.Below(2);
                        model[log.Last + 1] = (Ballot(round), position);
                        log.Append(Entry(log.Last + 1, round, "payload"), position);
                        break;
                }

                CheckAgainst(model, log);
            }
        }
    }

    private static void CheckAgainst(SortedDictionary<ulong, (Ballot Ballot, long Position)> model, GroupLog log)
    {
        Assert.Equal((ulong)model.Count, log.Last);
        Assert.Equal((long)(log.Last + 1 - log.First) * 7, log.BytesInMemory);
        foreach ((ulong index, (Ballot ballot, long position)) in model)
        {
            if (index + 1 >= log.First)
            {
                Assert.Equal(ballot, log.BallotAt(index));
            }

            if (index >= log.FirstOnDisk)
            {
                Assert.Equal(position, log.PositionOf(index));
            }
        }
    }

    private const long PayloadBytes = 5;

    private static GroupLog Filled(ulong count, ulong round)
    {
        GroupLog log = new();
        for (ulong index = 1; index <= count; index++)
        {
            log.Append(Entry(index, round, "12345"), 100 + (long)index);
        }

        return log;
    }
}
