using System.Diagnostics;
using Google.Protobuf;
using Quorate.Grpc;

namespace Quorate.Client.Calls;

/// <summary>What happens when a call is sent twice.</summary>
internal enum CallKind
{
    /// <summary>Nothing: it is repeated elsewhere after any passing failure.</summary>
    Repeatable,

    /// <summary>It might take effect twice: it is repeated only when it surely has not once.</summary>
    Once,
}

/// <summary>Sends calls to an endpoint that works and repeats them where that is safe, for as long as a request may take.</summary>
internal sealed class Caller(EndpointPool pool, QuorateClientOptions options)
{
    public EndpointPool Pool { get; } = pool;

    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        string method, TRequest request, MessageParser<TResponse> parser, CallKind kind, CancellationToken cancellationToken)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        long startedAt = Stopwatch.GetTimestamp();
        RpcException? last = null;
        while (true)
        {
            Endpoint endpoint = await PickAsync(startedAt, last, cancellationToken).ConfigureAwait(false);
            TimeSpan remaining = options.RequestTimeout - Stopwatch.GetElapsedTime(startedAt);
            TimeSpan deadline = kind == CallKind.Repeatable && remaining > options.ReadAttemptTimeout ? options.ReadAttemptTimeout : remaining;
            if (deadline <= TimeSpan.Zero)
            {
                throw TimedOut(last);
            }

            try
            {
                TResponse response = await endpoint.Channel
                    .UnaryAsync(method, request, parser, deadline: deadline, cancellationToken: cancellationToken).ConfigureAwait(false);
                endpoint.Succeeded();
                return response;
            }
            catch (RpcException exception) when (MayRepeat(exception, kind))
            {
                Pool.Failed(endpoint);
                last = exception;
            }
            catch (RpcException exception)
            {
                if (Failures.IsTransient(exception))
                {
                    Pool.Failed(endpoint);
                }

                throw Failures.Translate(exception, kind == CallKind.Repeatable);
            }
        }
    }

    private static bool MayRepeat(RpcException exception, CallKind kind) =>
        Failures.IsTransient(exception) && (kind == CallKind.Repeatable || Failures.IsSurelyNotApplied(exception));

    private async ValueTask<Endpoint> PickAsync(long startedAt, RpcException? last, CancellationToken cancellationToken)
    {
        if (last is null)
        {
            return await Pool.PickAsync(cancellationToken).ConfigureAwait(false);
        }

        TimeSpan remaining = options.RequestTimeout - Stopwatch.GetElapsedTime(startedAt);
        if (remaining <= TimeSpan.Zero)
        {
            throw TimedOut(last);
        }

        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(remaining);
        try
        {
            return await Pool.PickAsync(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(last);
        }
    }

    /// <summary>Everything that was tried surely did nothing: else it would not have been tried again.</summary>
    private QuorateException TimedOut(RpcException? last) => last is null
        ? new QuorateException(QuorateError.Timeout, RequestOutcome.NotApplied, "the request's time was over before it was sent")
        : new QuorateException(
            Failures.ErrorOf(last), RequestOutcome.NotApplied,
            $"{last.Message} (tried for {options.RequestTimeout.TotalSeconds:0.#} s at {string.Join(", ", Pool.All.Select(endpoint => endpoint.Channel.Endpoint.Authority))})",
            last);
}
