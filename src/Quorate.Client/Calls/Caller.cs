using System.Diagnostics;
using Google.Protobuf;
using Quorate.Etcd.Contract;
using Quorate.Grpc;

namespace Quorate.Client.Calls;

/// <summary>What happens when a call is sent twice.</summary>
internal enum CallKind
{
    /// <summary>Nothing: it is repeated elsewhere after any passing failure.</summary>
    Repeatable,

    /// <summary>It might take effect twice: without a session it is repeated only when it surely has not once.</summary>
    Once,
}

/// <summary>Sends calls to an endpoint that works and repeats them where that is safe, for as long as a request may take.</summary>
internal sealed class Caller(EndpointPool pool, QuorateClientOptions options)
{
    private readonly WriteSessions? _sessions = options.UseSessions ? new WriteSessions() : null;

    public EndpointPool Pool { get; } = pool;

    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        string method, TRequest request, MessageParser<TResponse> parser, CallKind kind, CancellationToken cancellationToken)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        long startedAt = Stopwatch.GetTimestamp();
        if (kind == CallKind.Repeatable || _sessions is null)
        {
            return await RepeatAsync(method, request, parser, kind, null, startedAt, cancellationToken).ConfigureAwait(false);
        }

        while (true)
        {
            using WriteTicket? ticket = await _sessions.TakeAsync(() => OpenSessionAsync(startedAt), cancellationToken).ConfigureAwait(false);
            try
            {
                return await RepeatAsync(method, request, parser, kind, ticket, startedAt, cancellationToken).ConfigureAwait(false);
            }
            catch (QuorateException exception) when (exception.Error == QuorateError.SessionExpired && exception.Outcome == RequestOutcome.NotApplied)
            {
                _sessions.Drop(ticket!);
            }
        }
    }

    private Task<SessionOpenResponse> OpenSessionAsync(long startedAt) => RepeatAsync(
        QuorateMethods.SessionOpen, new SessionOpenRequest(), SessionOpenResponse.Parser, CallKind.Repeatable, null, startedAt, CancellationToken.None);

    /// <summary>Repeats a call where that is safe: every read, a write under a ticket, any other write that surely was not applied.</summary>
    private async Task<TResponse> RepeatAsync<TRequest, TResponse>(
        string method, TRequest request, MessageParser<TResponse> parser, CallKind kind, WriteTicket? ticket, long startedAt, CancellationToken cancellationToken)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        RpcException? last = null;
        bool isInDoubt = false;
        bool isRepeatable = kind == CallKind.Repeatable || ticket is not null;
        while (true)
        {
            Endpoint endpoint = await PickAsync(startedAt, last, isInDoubt, cancellationToken).ConfigureAwait(false);
            TimeSpan remaining = options.RequestTimeout - Stopwatch.GetElapsedTime(startedAt);
            TimeSpan deadline = isRepeatable && remaining > options.ReadAttemptTimeout ? options.ReadAttemptTimeout : remaining;
            if (deadline <= TimeSpan.Zero)
            {
                throw TimedOut(last, isInDoubt);
            }

            try
            {
                TResponse response = await endpoint.Channel
                    .UnaryAsync(method, request, parser, ticket?.Headers(), deadline, cancellationToken: cancellationToken).ConfigureAwait(false);
                endpoint.Succeeded();
                return response;
            }
            catch (RpcException exception) when (MayRepeat(exception, isRepeatable))
            {
                isInDoubt |= kind == CallKind.Once && !Failures.IsSurelyNotApplied(exception);
                Pool.Failed(endpoint);
                last = exception;
            }
            catch (RpcException exception)
            {
                if (Failures.IsTransient(exception))
                {
                    Pool.Failed(endpoint);
                }

                throw Failures.Translate(exception, kind == CallKind.Repeatable, isInDoubt);
            }
        }
    }

    private static bool MayRepeat(RpcException exception, bool isRepeatable) =>
        Failures.IsTransient(exception) && (isRepeatable || Failures.IsSurelyNotApplied(exception));

    private async ValueTask<Endpoint> PickAsync(long startedAt, RpcException? last, bool isInDoubt, CancellationToken cancellationToken)
    {
        if (last is null)
        {
            return await Pool.PickAsync(cancellationToken).ConfigureAwait(false);
        }

        TimeSpan remaining = options.RequestTimeout - Stopwatch.GetElapsedTime(startedAt);
        if (remaining <= TimeSpan.Zero)
        {
            throw TimedOut(last, isInDoubt);
        }

        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(remaining);
        try
        {
            return await Pool.PickAsync(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(last, isInDoubt);
        }
    }

    /// <param name="last">How the last attempt failed.</param>
    /// <param name="isInDoubt">Whether one of the attempts may have taken effect.</param>
    private QuorateException TimedOut(RpcException? last, bool isInDoubt) => last is null
        ? new QuorateException(QuorateError.Timeout, RequestOutcome.NotApplied, "the request's time was over before it was sent")
        : new QuorateException(
            Failures.ErrorOf(last), isInDoubt ? RequestOutcome.Unknown : RequestOutcome.NotApplied,
            $"{last.Message} (tried for {options.RequestTimeout.TotalSeconds:0.#} s at {string.Join(", ", Pool.All.Select(endpoint => endpoint.Channel.Endpoint.Authority))})",
            last);
}
