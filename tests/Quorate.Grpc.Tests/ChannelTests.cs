using Google.Protobuf.WellKnownTypes;

namespace Quorate.Grpc.Tests;

public sealed class ChannelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_unary_call_brings_back_the_answer()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        foreach (int length in (int[])[0, 1, 2000, 2048, 2049, 100_000, 1_500_000])
        {
            string text = new('x', length);
            StringValue answer = await channel.UnaryAsync(TestPort.Echo, new StringValue { Value = text }, StringValue.Parser, cancellationToken: Token);
            Assert.Equal(text, answer.Value);
        }
    }

    [Fact]
    public async Task A_thousand_calls_at_once_over_one_connection_all_get_their_own_answer()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async number =>
            (await channel.UnaryAsync(TestPort.Echo, new StringValue { Value = $"{number}" }, StringValue.Parser, cancellationToken: Token)).Value));
        Assert.Equal(Enumerable.Range(0, 1000).Select(number => $"{number}"), answers);
    }

    [Fact]
    public async Task A_failed_call_brings_back_code_and_text_whatever_is_in_it()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        const string Text = "mvcc: 100 % späte\nRevision %41 😀";
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.UnaryAsync(TestPort.Fail, new StringValue { Value = Text }, StringValue.Parser, cancellationToken: Token));
        Assert.Equal(StatusCode.OutOfRange, exception.StatusCode);
        Assert.Equal(Text, exception.Message);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        await channel.UnaryAsync(TestPort.Echo, new StringValue(), StringValue.Parser, cancellationToken: Token);
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.UnaryAsync(TestPort.Wait, new StringValue(), StringValue.Parser, deadline: TimeSpan.FromMilliseconds(100), cancellationToken: Token));
        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        Assert.True(await port.Cancelled.Task.WaitAsync(Token));
    }

    [Fact]
    public async Task A_call_whose_time_runs_out_before_there_is_a_connection_was_never_sent()
    {
        using DeafPort deaf = new();
        await using GrpcChannel channel = new(deaf.Url);
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.UnaryAsync(TestPort.Echo, new StringValue(), StringValue.Parser, deadline: TimeSpan.FromMilliseconds(50), cancellationToken: Token));
        Assert.Equal((StatusCode.Unavailable, true), (exception.StatusCode, exception.NeverSent));
    }

    [Fact]
    public async Task Cancelling_a_call_cancels_its_handler()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        using CancellationTokenSource source = new();
        Task<StringValue> call = channel.UnaryAsync(TestPort.Wait, new StringValue(), StringValue.Parser, cancellationToken: source.Token).AsTask();
        await port.Waiting.Task.WaitAsync(Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(await port.Cancelled.Task.WaitAsync(Token));
    }

    [Fact]
    public async Task A_duplex_call_goes_both_ways_and_survives_its_half_close()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        await using DuplexCall<StringValue, StringValue> call = channel.OpenDuplex<StringValue, StringValue>(TestPort.Duplex, StringValue.Parser, cancellationToken: Token);
        for (int number = 0; number < 100; number++)
        {
            await call.WriteAsync(new StringValue { Value = $"{number}" }, Token);
            Assert.Equal($"{number}", (await call.ReadAsync(Token))?.Value);
        }

        await call.CompleteAsync();
        Assert.Equal("that was all", (await call.ReadAsync(Token))?.Value);
        Assert.Null(await call.ReadAsync(Token));
    }

    [Fact]
    public async Task A_status_after_messages_travels_in_the_trailers()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        await using DuplexCall<Int32Value, Int32Value> call = channel.OpenDuplex<Int32Value, Int32Value>(TestPort.Count, Int32Value.Parser, cancellationToken: Token);
        await call.WriteAsync(new Int32Value { Value = -1 }, Token);
        await call.CompleteAsync();
        Assert.Equal(1, (await call.ReadAsync(Token))?.Value);
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await call.ReadAsync(Token));
        Assert.Equal(StatusCode.Aborted, exception.StatusCode);
        Assert.Equal("after the first: 100 % Ünfug\n", exception.Message);
    }

    [Fact]
    public async Task A_stream_of_many_messages_arrives_whole_and_in_order()
    {
        await using TestPort port = await TestPort.StartAsync();
        await using GrpcChannel channel = new(port.Address);
        await using DuplexCall<Int32Value, Int32Value> call = channel.OpenDuplex<Int32Value, Int32Value>(TestPort.Count, Int32Value.Parser, cancellationToken: Token);
        await call.WriteAsync(new Int32Value { Value = 50_000 }, Token);
        await call.CompleteAsync();
        for (int number = 1; number <= 50_000; number++)
        {
            Assert.Equal(number, (await call.ReadAsync(Token))?.Value);
        }

        Assert.Null(await call.ReadAsync(Token));
    }

    [Fact]
    public async Task Without_a_connection_the_request_was_certainly_never_sent()
    {
        await using GrpcChannel channel = new(new Uri("http://127.0.0.1:1"));
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.UnaryAsync(TestPort.Echo, new StringValue(), StringValue.Parser, cancellationToken: Token));
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.True(exception.NeverSent);
    }

    [Fact]
    public async Task A_server_that_is_cut_off_amid_a_call_leaves_it_open_whether_the_call_had_an_effect()
    {
        await using TestPort port = await TestPort.StartAsync(options => options with { DrainTimeout = TimeSpan.Zero });
        await using GrpcChannel channel = new(port.Address);
        await using DuplexCall<StringValue, StringValue> call = channel.OpenDuplex<StringValue, StringValue>(TestPort.Duplex, StringValue.Parser, cancellationToken: Token);
        await call.WriteAsync(new StringValue { Value = "a" }, Token);
        Assert.Equal("a", (await call.ReadAsync(Token))?.Value);
        await port.Port.StopAsync(Token);
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await call.ReadAsync(Token));
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.False(exception.NeverSent);
    }
}
