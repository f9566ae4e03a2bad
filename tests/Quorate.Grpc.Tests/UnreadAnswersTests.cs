using Quorate.Grpc.Server;

namespace Quorate.Grpc.Tests;

public sealed class UnreadAnswersTests
{
    private int _cuts;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_wait_in_order_for_room_that_others_leave()
    {
        UnreadAnswers unread = NewUnread(limitBytes: 100, streams: 6);
        Assert.True(unread.TryEnter(1, 60));
        Assert.True(unread.TryEnter(2, 40));
        Assert.False(unread.TryEnter(3, 1));
        Task large = unread.EnterAsync(3, 50, Token);
        Task small = unread.EnterAsync(4, 10, Token);
        Assert.Equal((100, 60), (unread.UnreadBytes, unread.WaitingBytes));

        unread.Closed(2);
        Assert.False(unread.TryEnter(5, 10));
        Assert.False(large.IsCompleted || small.IsCompleted);
        unread.Closed(1);
        await Task.WhenAll(large, small).WaitAsync(Token);
        Assert.Equal((60, 0), (unread.UnreadBytes, unread.WaitingBytes));
        Assert.True(unread.TryEnter(5, 40));
    }

    [Fact]
    public async Task One_answer_above_the_bound_goes_alone()
    {
        UnreadAnswers unread = NewUnread(limitBytes: 100, streams: 4);
        Assert.True(unread.TryEnter(1, 1));
        Task huge = unread.EnterAsync(2, 1000, Token);
        Assert.False(huge.IsCompleted);
        unread.Closed(1);
        await huge.WaitAsync(Token);
        Assert.False(unread.TryEnter(3, 1));
        unread.Closed(2);
        Assert.True(unread.TryEnter(3, 1));
    }

    [Fact]
    public async Task Who_gives_up_leaves_nothing_behind_and_lets_the_next_in()
    {
        UnreadAnswers unread = NewUnread(limitBytes: 100, streams: 3);
        Assert.True(unread.TryEnter(1, 90));
        using var stop = new CancellationTokenSource();
        Task first = unread.EnterAsync(2, 50, stop.Token);
        Task second = unread.EnterAsync(3, 10, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await second.WaitAsync(Token);
        Assert.Equal((100, 0), (unread.UnreadBytes, unread.WaitingBytes));
    }

    [Fact]
    public void A_stream_that_is_over_takes_no_room_and_gives_its_own_back_once()
    {
        UnreadAnswers unread = NewUnread(limitBytes: 100, streams: 2);
        Assert.True(unread.TryEnter(1, 10));
        Assert.True(unread.TryEnter(1, 20));
        Assert.True(unread.TryEnter(2, 30));
        unread.Closed(1);
        unread.Closed(1);
        unread.Opened(1);
        Assert.True(unread.TryEnter(1, 50));
        Assert.Equal(30, unread.UnreadBytes);
    }

    [Fact]
    public async Task A_client_is_stalled_once_as_much_again_waits_and_nothing_is_read()
    {
        UnreadAnswers unread = NewUnread(limitBytes: 100, streams: 3);
        Assert.True(unread.TryEnter(1, 100));
        Task waiting = unread.EnterAsync(2, 99, Token);
        await Task.Delay(150, Token);
        Assert.False(unread.IsStalled());
        Task more = unread.EnterAsync(3, 1, Token);
        while (!unread.IsStalled())
        {
            await Task.Delay(10, Token);
        }

        for (int refused = 0; refused < 900; refused++)
        {
            Assert.True(unread.IsStalled());
        }

        Assert.Equal(0, _cuts);

        // Anything that is read makes it a slow client again.
        unread.Closed(1);
        await Task.WhenAll(waiting, more).WaitAsync(Token);
        Assert.False(unread.IsStalled());
        Assert.Equal(0, _cuts);
    }

    [Fact]
    public async Task A_stalled_client_that_goes_on_asking_is_cut()
    {
        UnreadAnswers unread = NewUnread(limitBytes: 100, streams: 2);
        Assert.True(unread.TryEnter(1, 100));
        Task waiting = unread.EnterAsync(2, 100, Token);
        for (int asked = 0; _cuts == 0; asked++)
        {
            Assert.InRange(asked, 0, 100_000);
            if (!unread.IsStalled())
            {
                await Task.Delay(10, Token);
            }
        }

        unread.Closed(1);
        await waiting.WaitAsync(Token);
    }

    [Fact]
    public async Task Nobody_is_forgotten_when_many_come_go_and_give_up_at_once()
    {
        UnreadAnswers unread = NewUnread(limitBytes: 1000, streams: 0);
        int streams = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int turn = 0; turn < 3000; turn++)
            {
                int stream = Interlocked.Increment(ref streams);
                unread.Opened(stream);
                long bytes = random.Next(1, 600);
                if (!unread.TryEnter(stream, bytes))
                {
                    using var stop = new CancellationTokenSource();
                    Task entering = unread.EnterAsync(stream, bytes, stop.Token);
                    if (random.Next(4) == 0)
                    {
                        await stop.CancelAsync();
                    }

                    await Record.ExceptionAsync(() => entering);
                }

                if (random.Next(3) == 0)
                {
                    await Task.Yield();
                }

                unread.Closed(stream);
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal((0, 0), (unread.UnreadBytes, unread.WaitingBytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Heads_of_frames_are_found_however_the_bytes_are_cut(int pieceBytes)
    {
        byte[] bytes = [.. "preface"u8, 0, 0, 3, 1, 4, 0, 0, 0, 1, 9, 9, 9, 0, 0, 0, 0, 1, 0x80, 0, 0, 1, 0, 1, 0, 3, 0, 0, 0, 1, 2, .. new byte[256], 0, 0, 0, 1, 5, 0, 0, 0, 3];
        var heads = new FrameHeads(prefaceBytes: 7);
        List<(FrameHead Head, bool Ends)> found = [];
        foreach (byte[] piece in bytes.Chunk(pieceBytes))
        {
            heads.Read(piece, head => found.Add((head, head.Ends)));
        }

        Assert.Equal(
            [(new FrameHead(1, 4, 1), false), (new FrameHead(0, 1, 1), true), (new FrameHead(3, 0, 258), true), (new FrameHead(1, 5, 3), true)], found);
    }

    private UnreadAnswers NewUnread(long limitBytes, int streams)
    {
        var unread = new UnreadAnswers(limitBytes, () => _cuts++);
        for (int stream = 1; stream <= streams; stream++)
        {
            unread.Opened(stream);
        }

        return unread;
    }
}
