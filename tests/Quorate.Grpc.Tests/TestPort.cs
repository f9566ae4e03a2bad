using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Quorate.Grpc.Tests;

/// <summary>A port with a service of every kind of method, on a free port of loopback.</summary>
internal sealed class TestPort : IAsyncDisposable
{
    public const string Echo = "/test.Echo/Unary";
    public const string Fail = "/test.Echo/Fail";
    public const string Wait = "/test.Echo/Wait";
    public const string Count = "/test.Echo/Count";
    public const string Duplex = "/test.Echo/Duplex";

    private TestPort(GrpcServiceMap map) => Map = map;

    public GrpcServiceMap Map { get; }

    public ClientPort Port { get; private set; } = null!;

    public Uri Address => Port.Addresses[0];

    /// <summary>Completed with the reason when <see cref="Wait"/> was cancelled.</summary>
    public TaskCompletionSource<bool> Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<TestPort> StartAsync(Func<ClientPortOptions, ClientPortOptions>? change = null)
    {
        GrpcServiceMap map = new();
        TestPort test = new(map);
        map.Unary(Echo, StringValue.Parser, (request, _) => ValueTask.FromResult(request))
            .Unary<StringValue, StringValue>(Fail, StringValue.Parser, (request, _) => throw new RpcException(StatusCode.OutOfRange, request.Value))
            .Unary<StringValue, StringValue>(Wait, StringValue.Parser, test.WaitAsync, longWait: true)
            .ServerStream<Int32Value, Int32Value>(Count, Int32Value.Parser, CountAsync)
            .Duplex<StringValue, StringValue>(Duplex, StringValue.Parser, EchoAllAsync);
        ClientPortOptions options = new()
        {
            Urls = [new Uri("http://127.0.0.1:0")],
            Grpc = map,
            Pages = context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Path}"),
        };
        test.Port = await ClientPort.StartAsync(change?.Invoke(options) ?? options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        return test;
    }

    public ValueTask DisposeAsync() => Port.DisposeAsync();

    private static async Task CountAsync(Int32Value request, MessageWriter<Int32Value> responses, ServerCall call)
    {
        for (int number = 1; number <= request.Value; number++)
        {
            responses.Write(new Int32Value { Value = number });
        }

        await responses.FlushAsync();
        if (request.Value < 0)
        {
            responses.Write(new Int32Value { Value = 1 });
            throw new RpcException(StatusCode.Aborted, "after the first: 100 % Ünfug\n");
        }
    }

    private static async Task EchoAllAsync(MessageReader<StringValue> requests, MessageWriter<StringValue> responses, ServerCall call)
    {
        while (await requests.ReadAsync() is { } request)
        {
            await responses.WriteAsync(request);
        }

        await responses.WriteAsync(new StringValue { Value = "that was all" });
    }

    private async ValueTask<StringValue> WaitAsync(StringValue request, ServerCall call)
    {
        Waiting.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
            return request;
        }
        catch (OperationCanceledException)
        {
            Cancelled.TrySetResult(true);
            throw;
        }
    }
}
