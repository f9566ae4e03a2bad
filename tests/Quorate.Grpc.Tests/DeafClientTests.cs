using System.Collections.Concurrent;
using Quorate.Grpc.Server;
using Quorate.Processes.Tests.Faults;

namespace Quorate.Grpc.Tests;

/// <summary>A client that asks and grants no window for the answers: HTTP/2 forbids the server to send them.</summary>
public sealed class DeafClientTests
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte EndStream = 1;
    private const byte Reset = 3;
    private const int FitAtOnce = 10;

    /// <summary>A StringValue "hello" in a gRPC frame, with what the call itself counts for.</summary>
    private const int RoomOfOne = 7 + UnreadAnswers.CallBytes;

    private static readonly byte[] Hello = [0x0a, 5, .. "hello"u8];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TestPort.Echo)]
    [InlineData(TestPort.Fail)]
    [InlineData("/test.Echo/Nothing")]
    public async Task What_it_leaves_unread_is_bounded_then_its_calls_are_refused_and_when_it_reads_all_is_well(string method)
    {
        await using TestPort port = await TestPort.StartAsync(options => options with { MaxUnreadBytesPerConnection = FitAtOnce * RoomOfOne });
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(port.Address.Port, grantsWindow: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        ConcurrentDictionary<int, bool> over = new();
        ConcurrentDictionary<int, bool> reset = new();
        Task reading = client.StayAliveAsync(stop.Token, (type, flags, stream) =>
        {
            if (type == Reset)
            {
                reset[stream] = true;
            }
            else if (type is Data or Headers && (flags & EndStream) != 0)
            {
                over[stream] = true;
            }
        });
        await client.GrantAsync(0);
        int calls = 0;
        if (method == TestPort.Echo)
        {
            while (port.Port.RefusedCalls == 0)
            {
                Assert.InRange(++calls, 0, 10_000);
                await client.CallAsync(method, Hello, isLast: true);
                await Task.Delay(5, Token);
            }

            // Those whose answers wait for the client, as many again that wait for them, and whoever came before that was noticed.
            Assert.Equal(FitAtOnce, Handled(port));
            Assert.InRange(calls, (2 * FitAtOnce) + 1, 200);
            Assert.Empty(over);
        }
        else
        {
            // An error is headers alone, which need no window.
            for (; calls < 100; calls++)
            {
                await client.CallAsync(method, Hello, isLast: true);
            }
        }

        await client.GrantAsync(1 << 20);
        while (over.Count + reset.Count < calls)
        {
            await Task.Delay(5, Token);
        }

        Assert.Equal(port.Port.RefusedCalls, reset.Count);
        await client.CallAsync(TestPort.Echo, Hello, isLast: true);
        while (over.Count + reset.Count < calls + 1)
        {
            await Task.Delay(5, Token);
        }

        Assert.Equal(port.Port.RefusedCalls, reset.Count);
        await stop.CancelAsync();
        await reading;
    }

    [Fact]
    public async Task Another_connection_notices_nothing()
    {
        await using TestPort port = await TestPort.StartAsync(options => options with { MaxUnreadBytesPerConnection = FitAtOnce * RoomOfOne });
        using RawHttp2Client deaf = await RawHttp2Client.ConnectAsync(port.Address.Port, grantsWindow: false);
        await deaf.GrantAsync(0);
        for (int call = 0; call < 100; call++)
        {
            await deaf.CallAsync(TestPort.Echo, Hello, isLast: true);
        }

        await using GrpcChannel channel = new(port.Address);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async number => (await channel.UnaryAsync(
            TestPort.Echo, new Google.Protobuf.WellKnownTypes.StringValue { Value = new string('x', 10_000) }, Google.Protobuf.WellKnownTypes.StringValue.Parser, cancellationToken: Token)).Value.Length));
        Assert.All(answers, length => Assert.Equal(10_000, length));
    }

    private static long Handled(TestPort port) => port.Map.Count().Single(count => count.Method == "Unary").Handled.Sum();
}
