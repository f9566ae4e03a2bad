using Quorate.Consensus;
using static Quorate.Replica.Tests.Samples;

namespace Quorate.Replica.Tests;

public sealed class PendingRequestsTests
{
    private static readonly Instant Late = new(1000);

    [Fact]
    public void Commands_go_out_in_the_order_in_which_they_came()
    {
        PendingRequests pending = Filled(3);
        Assert.Equal([1, 2, 3], SendAll(pending, Ballot(1)));
        Assert.False(pending.HasUnsent);
    }

    [Fact]
    public void Looking_twice_shows_the_same_command()
    {
        PendingRequests pending = Filled(2);
        Assert.True(pending.TryPeekUnsent(Ballot(1), out ulong first, out _));
        Assert.True(pending.TryPeekUnsent(Ballot(1), out ulong again, out ReadOnlyMemory<byte> command));
        Assert.Equal((1UL, 1UL, "c1"), (first, again, Text(command)));
        Assert.Throws<InvariantException>(() => pending.MarkSent(2, Ballot(1)));
    }

    [Fact]
    public void What_was_sent_under_an_older_ballot_waits_again_in_order_and_nothing_else_does()
    {
        PendingRequests pending = Filled(2);
        SendAll(pending, Ballot(1));
        Add(pending, 3);
        SendAll(pending, Ballot(2));
        Add(pending, 4);
        Assert.True(pending.TryFinish(1, out _));

        Assert.False(pending.RequeueBefore(Ballot(1)));
        Assert.Equal([4], SendAll(pending, Ballot(2)));
        Add(pending, 5);
        Assert.True(pending.RequeueBefore(Ballot(2)));
        Assert.Equal([2, 5], SendAll(pending, Ballot(2)));
        pending.RequeueBefore(Ballot(3));
        Assert.Equal([2, 3, 4, 5], SendAll(pending, Ballot(3)));
    }

    [Fact]
    public void A_command_that_surely_was_not_proposed_waits_again_only_under_the_ballot_it_was_sent_under()
    {
        PendingRequests pending = Filled(3);
        SendAll(pending, Ballot(2));
        pending.MarkUnsent(2, Ballot(1));
        Assert.False(pending.HasUnsent);
        pending.MarkUnsent(3, Ballot(2));
        pending.MarkUnsent(1, Ballot(2));
        pending.MarkUnsent(99, Ballot(2));
        Assert.True(pending.HasUnsent);
        Assert.Equal([1, 3], SendAll(pending, Ballot(2)));
    }

    [Fact]
    public void What_is_sent_again_goes_out_under_the_same_ballot_and_under_no_other()
    {
        PendingRequests pending = Filled(4);
        SendAll(pending, Ballot(1));
        pending.SendAgain(Ballot(1), end: 4);
        Assert.Equal([1, 2, 3], SendAll(pending, Ballot(1)));
        Assert.True(pending.TryFinish(2, out _));
        pending.SendAgain(Ballot(2), pending.Next);
        Assert.False(pending.HasUnsent);
        pending.SendAgain(Ballot(1), pending.Next);
        Assert.Empty(SendAll(pending, Ballot(2)));
        Assert.True(pending.RequeueBefore(Ballot(2)));
        Assert.Equal([1, 3, 4], SendAll(pending, Ballot(2)));
    }

    [Fact]
    public void What_waits_to_be_sent_again_may_have_been_applied()
    {
        PendingRequests pending = Filled(3);
        SendAll(pending, Ballot(1));
        Assert.True(pending.IsOutUnder(1, Ballot(1)));
        pending.SendAgain(Ballot(1), end: 3);
        Assert.True(pending.IsOutUnder(1, Ballot(1)));
        Assert.False(pending.IsOutUnder(1, Ballot(2)));
        Assert.False(pending.IsOutUnder(9, Ballot(1)));
        Assert.True(pending.TryTakeOverdue(Late, out ulong token, out bool mayApply));
        Assert.Equal((101UL, true), (token, mayApply));
        List<ulong> taken = [];
        pending.TakeSent(taken);
        Assert.Equal([102UL, 103UL], taken);
        Assert.False(pending.IsOutUnder(2, Ballot(1)));
    }

    [Fact]
    public void A_command_is_finished_once()
    {
        PendingRequests pending = Filled(3);
        Assert.True(pending.TryFinish(2, out ulong token));
        Assert.Equal(102UL, token);
        Assert.False(pending.TryFinish(2, out _));
        Assert.False(pending.TryFinish(0, out _));
        Assert.False(pending.TryFinish(4, out _));
        Assert.Equal([1, 3], SendAll(pending, Ballot(1)));
        Assert.True(pending.TryFinish(1, out _));
        Assert.False(pending.TryFinish(1, out _));
        Assert.True(pending.TryFinish(3, out _));
    }

    [Fact]
    public void A_counter_is_never_used_twice()
    {
        PendingRequests pending = Filled(2);
        pending.TryFinish(1, out _);
        pending.TryFinish(2, out _);
        Add(pending, 3);
        pending.TryTakeOverdue(Late, out _, out _);
        Add(pending, 4);
    }

    [Fact]
    public void It_takes_no_more_than_its_capacity_and_takes_more_when_the_oldest_is_finished()
    {
        PendingRequests pending = new(2);
        Add(pending, 1);
        Add(pending, 2);
        Assert.False(pending.TryAdd(0, Bytes("c"), Late, out _));
        pending.TryFinish(1, out _);
        Add(pending, 3);
        Assert.Equal([2, 3], SendAll(pending, Ballot(1)));
    }

    [Fact]
    public void Only_what_may_have_been_proposed_may_still_apply_when_its_time_is_over()
    {
        PendingRequests pending = Filled(3);
        pending.TryPeekUnsent(Ballot(1), out ulong counter, out _);
        pending.MarkSent(counter, Ballot(1));
        Assert.False(pending.TryTakeOverdue(new Instant(999), out _, out _));
        Assert.True(pending.TryTakeOverdue(Late, out ulong token, out bool mayApply));
        Assert.Equal((101UL, true), (token, mayApply));
        Assert.True(pending.TryTakeOverdue(Late, out token, out mayApply));
        Assert.Equal((102UL, false), (token, mayApply));
        Assert.False(pending.TryFinish(1, out _));
        Assert.Equal([3], SendAll(pending, Ballot(1)));
        pending.RequeueBefore(Ballot(2));
        Assert.True(pending.TryTakeOverdue(Late, out token, out mayApply));
        Assert.Equal((103UL, false), (token, mayApply));
        Assert.False(pending.TryTakeOverdue(Late, out _, out _));
        Assert.False(pending.HasUnsent && pending.TryPeekUnsent(Ballot(1), out _, out _));
    }

    [Fact]
    public void Taking_what_was_sent_leaves_what_was_not()
    {
        PendingRequests pending = Filled(2);
        SendAll(pending, Ballot(1));
        Add(pending, 3);
        List<ulong> taken = [];
        pending.TakeSent(taken);
        Assert.Equal([101UL, 102UL], taken);
        Assert.False(pending.TryFinish(2, out _));
        pending.RequeueBefore(Ballot(9));
        Assert.Equal([3], SendAll(pending, Ballot(9)));
    }

    [Fact]
    public void What_is_refused_and_waits_again_costs_no_search_through_all_that_wait()
    {
        // A whole batch is refused at once while leadership is handed over; sorting it in again one by one would take minutes here.
        const int Count = 60_000;
        PendingRequests pending = Filled(Count);
        SendAll(pending, Ballot(1));
        for (ulong counter = Count; counter > 0; counter--)
        {
            pending.MarkUnsent(counter, Ballot(1));
        }

        Assert.Equal(Count, SendAll(pending, Ballot(1)).Count);
    }

    private static PendingRequests Filled(int count)
    {
        PendingRequests pending = new(100_000);
        for (int i = 1; i <= count; i++)
        {
            Add(pending, (ulong)i);
        }

        return pending;
    }

    private static void Add(PendingRequests pending, ulong expected)
    {
        Assert.True(pending.TryAdd(100 + expected, Bytes($"c{expected}"), Late, out ulong counter));
        Assert.Equal(expected, counter);
    }

    private static List<int> SendAll(PendingRequests pending, Ballot ballot)
    {
        List<int> sent = [];
        while (pending.TryPeekUnsent(ballot, out ulong counter, out ReadOnlyMemory<byte> command))
        {
            Assert.Equal($"c{counter}", Text(command));
            pending.MarkSent(counter, ballot);
            sent.Add((int)counter);
        }

        return sent;
    }
}
