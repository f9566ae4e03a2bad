using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Quorate.Grpc.Server;

/// <summary>
/// Only so many large answers of one connection are encoded and on their way at once. A client that asks on and never reads would otherwise
/// have its answers pile up here, a megabyte each: the limit on streams is far above what memory can bear. What waits for its turn still
/// refers to what the store holds anyway.
/// </summary>
internal static class LargeAnswers
{
    /// <summary>Answers from this size on take turns: HTTP/2's usual window, so that a client that reads has taken what is smaller.</summary>
    public const int LeastBytes = 64 << 10;

    private const int AtOnce = 16;
    private static readonly object Key = new();

    /// <summary>Waits for a turn on the call's connection, to be released when the answer has left.</summary>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public static async ValueTask<SemaphoreSlim> TakeTurnAsync(ServerCall call)
    {
        SemaphoreSlim turns = TurnsOf(call.Features.GetRequiredFeature<IConnectionItemsFeature>().Items);
        await turns.WaitAsync(call.CancellationToken).ConfigureAwait(false);
        return turns;
    }

    private static SemaphoreSlim TurnsOf(IDictionary<object, object?> items)
    {
        lock (items)
        {
            if (!items.TryGetValue(Key, out object? turns))
            {
                items[Key] = turns = new SemaphoreSlim(AtOnce);
            }

            return (SemaphoreSlim)turns!;
        }
    }
}
