using Quorate.Codec;

namespace Quorate.Consensus.Tests;

public sealed class RaftCodecTests
{
    private static readonly Ballot OldBallot = new(1, 3, new NodeId(7));
    private static readonly Ballot NewBallot = new(2, 9, new NodeId(ulong.MaxValue));

    private static readonly RaftMessage[] All =
    [
        new VoteRequest(2, 9, VoteKind.Pre, 5, OldBallot),
        new VoteRequest(2, 9, VoteKind.Ordinary, 0, Ballot.Zero),
        new VoteRequest(uint.MaxValue, ulong.MaxValue, VoteKind.Transfer, ulong.MaxValue, NewBallot),
        new VoteReply(2, 9, IsPreVote: true, Granted: false),
        new VoteReply(2, 9, IsPreVote: false, Granted: true),
        new Append(2, 9, 0, Ballot.Zero, 0, []),
        new Append(2, 9, 4, OldBallot, 3, [Command(5, OldBallot, 0), Command(6, OldBallot, 300), NoOp(7, NewBallot), Command(8, NewBallot, 1)]),
        new AppendAck(2, 9, 12),
        new AppendNack(2, 9, 12, 10, OldBallot),
        new Heartbeat(2, 9, 8, 77),
        new HeartbeatAck(2, 9, 77),
        new Behind(2, 9, 8, 6),
        new TimeoutNow(2, 9),
        new HigherRound(2, 10),
    ];

    public static TheoryData<int> Messages => [.. Enumerable.Range(0, All.Length)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_comes_back_as_it_was_written(int which)
    {
        RaftMessage read = (RaftMessage)RaftCodec.Decode(Encode(All[which]));
        if (All[which] is Append expected)
        {
            Append append = Assert.IsType<Append>(read);
            Assert.Equal(expected with { Entries = append.Entries }, append);
            Assert.Equal(expected.Entries.Length, append.Entries.Length);
            foreach ((Entry left, Entry right) in expected.Entries.Zip(append.Entries))
            {
                Assert.Equal(left with { Payload = right.Payload }, right);
                Assert.True(left.Payload.Span.SequenceEqual(right.Payload.Span));
            }
        }
        else
        {
            Assert.Equal(All[which], read);
        }
    }

    [Fact]
    public void Every_kind_of_message_is_in_these_tests()
    {
        Assert.Equal(Enum.GetValues<MessageKind>().Length, All.Select(message => message.GetType()).Distinct().Count());
        Assert.Equal(
            Enum.GetValues<MessageKind>().Select(kind => (byte)kind).Order(),
            All.Select(message => Encode(message).Span[0]).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_that_is_cut_short_or_goes_on_is_malformed(int which)
    {
        byte[] bytes = Encode(All[which]).ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<MalformedMessageException>(() => RaftCodec.Decode(bytes.AsMemory(0, length)));
        }

        Assert.Throws<MalformedMessageException>(() => RaftCodec.Decode(new byte[bytes.Length + 1].Fill(bytes)));
    }

    [Fact]
    public void Payloads_are_slices_of_the_bytes_that_were_read()
    {
        byte[] bytes = Encode(new Append(1, 3, 0, Ballot.Zero, 0, [Command(1, OldBallot, 5)])).ToArray();
        Append append = (Append)RaftCodec.Decode(bytes);
        bytes[^1] ^= 0xFF;
        Assert.Equal(bytes[^1], append.Entries[0].Payload.Span[4]);
    }

    [Fact]
    public void What_is_only_announced_is_not_allocated()
    {
        // 2³² − 1 entries, and then an entry of 2³² − 1 bytes.
        byte[] bytes = Encode(new Append(1, 3, 0, Ballot.Zero, 0, [Command(1, OldBallot, 64)])).ToArray();
        int countAt = 1 + 4 + 8 + 8 + 20 + 8;
        byte[] manyEntries = [.. bytes];
        manyEntries.AsSpan(countAt, 4).Fill(0xFF);
        byte[] longEntry = [.. bytes];
        longEntry.AsSpan(countAt + 4 + 1 + 20, 4).Fill(0xFF);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MalformedMessageException>(() => RaftCodec.Decode(manyEntries));
        Assert.Throws<MalformedMessageException>(() => RaftCodec.Decode(longEntry));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void Entries_whose_rounds_fall_or_that_are_newer_than_their_leader_are_malformed()
    {
        Append falling = new(2, 9, 4, NewBallot, 3, [Command(5, OldBallot, 1)]);
        Append newer = new(2, 8, 4, OldBallot, 3, [Command(5, NewBallot, 1)]);
        Append endless = new(2, 9, ulong.MaxValue, OldBallot, 3, [Command(0, OldBallot, 1)]);
        foreach (Append append in new[] { falling, newer, endless })
        {
            Assert.Throws<MalformedMessageException>(() => RaftCodec.Decode(Encode(append)));
        }
    }

    [Fact]
    public void Garbage_is_malformed_or_means_what_it_says()
    {
        SeededGenerator chance = new(42);
        int understood = 0;
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = Encode(All[(int)chance.Below((ulong)All.Length)]).ToArray();
            for (ulong flips = 1 + chance.Below(4); flips > 0; flips--)
            {
                bytes[(int)chance.Below((ulong)bytes.Length)] = (byte)chance.Next();
            }

            bytes = chance.Chance(300) ? bytes[..(int)chance.Below((ulong)bytes.Length + 1)] : bytes;
            try
            {
                ReadOnlyMemory<byte> again = Encode((RaftMessage)RaftCodec.Decode(bytes));

                // A ballot that is repeated instead of left out is not read, so nothing has two encodings.
                Assert.True(again.Span.SequenceEqual(bytes));
                understood++;
            }
            catch (MalformedMessageException)
            {
            }
        }

        Assert.InRange(understood, 10_000, 190_000);
    }

    [Fact]
    public void Random_bytes_never_do_worse_than_being_malformed()
    {
        SeededGenerator chance = new(43);
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = new byte[(int)chance.Below(120)];
            for (int at = 0; at < bytes.Length; at++)
            {
                bytes[at] = (byte)chance.Next();
            }

            if (bytes.Length > 0)
            {
                bytes[0] = (byte)chance.Below(12);
            }

            try
            {
                RaftCodec.Decode(bytes);
            }
            catch (MalformedMessageException)
            {
            }
        }
    }

    private static ReadOnlyMemory<byte> Encode(RaftMessage message)
    {
        ByteWriter writer = new();
        message.WriteTo(writer);
        return writer.ToArray();
    }

    private static Entry Command(ulong index, Ballot ballot, int length) =>
        new(index, ballot, EntryKind.Command, Enumerable.Range(0, length).Select(i => (byte)i).ToArray());

    private static Entry NoOp(ulong index, Ballot ballot) => new(index, ballot, EntryKind.NoOp, default);
}

file static class Bytes
{
    public static byte[] Fill(this byte[] target, byte[] source)
    {
        source.CopyTo(target, 0);
        return target;
    }
}
