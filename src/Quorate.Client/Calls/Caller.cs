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

    /// <summary>Sends one message and waits for the one that answers it; a write goes under a session where there are any.</summary>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        string method, TRequest request, MessageParser<TResponse> parser, CallKind kind, CancellationToken cancellationToken)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse>
    {
        Attempts attempts = Begin(kind);
        while (true)
        {
            using WriteTicket? ticket = kind == CallKind.Once && _sessions is not null
                ? await _sessions.TakeAsync(OpenSessionAsync, cancellationToken).ConfigureAwait(false)
                : null;
            try
            {
                return await RunAsync(
                    (channel, deadline, token) => channel.UnaryAsync(method, request, parser, ticket?.Headers(), deadline, cancellationToken: token),
                    attempts,
                    isRepeatable: kind == CallKind.Repeatable || ticket is not null,
                    cancellationToken).ConfigureAwait(false);
            }
            catch (QuorateException exception) when (exception is { Error: QuorateError.SessionExpired, Outcome: RequestOutcome.NotApplied } && ticket is not null)
            {
                _sessions!.Drop(ticket);
            }
        }
    }

    /// <summary>Runs <paramref name="attempt"/>, which is given a channel and how long it may take, until one succeeds.</summary>
    public Task<T> RunAsync<T>(Func<GrpcChannel, TimeSpan, CancellationToken, ValueTask<T>> attempt, CallKind kind, CancellationToken cancellationToken) =>
        RunAsync(attempt, Begin(kind), kind == CallKind.Repeatable, cancellationToken);

    /// <summary>The one place that decides whether a request goes out again.</summary>
    private static bool MayRepeat(RpcException exception, bool isRepeatable) =>
        Failures.IsTransient(exception) && (isRepeatable || Failures.IsSurelyNotApplied(exception));

    private Attempts Begin(CallKind kind) => new(pool, options.RequestTimeout, changesNothing: kind == CallKind.Repeatable);

    private Task<SessionOpenResponse> OpenSessionAsync() => RunAsync(
        (channel, deadline, token) =>
            channel.UnaryAsync(QuorateMethods.SessionOpen, new SessionOpenRequest(), SessionOpenResponse.Parser, deadline: deadline, cancellationToken: token),
        CallKind.Repeatable,
        CancellationToken.None);

    private async Task<T> RunAsync<T>(
        Func<GrpcChannel, TimeSpan, CancellationToken, ValueTask<T>> attempt, Attempts attempts, bool isRepeatable, CancellationToken cancellationToken)
    {
        while (true)
        {
            Endpoint endpoint = pool.TryPick() ?? await PickAsync(attempts, cancellationToken).ConfigureAwait(false);
            TimeSpan deadline = attempts.Remaining;
            if (deadline <= TimeSpan.Zero)
            {
                throw attempts.End();
            }

            if (isRepeatable && deadline > options.ReadAttemptTimeout)
            {
                deadline = options.ReadAttemptTimeout;
            }

            try
            {
                T response = await attempt(endpoint.Channel, deadline, cancellationToken).ConfigureAwait(false);
                endpoint.Succeeded();
                return response;
            }
            catch (RpcException exception)
            {
                attempts.Add(endpoint, exception);
                if (Failures.IsTransient(exception))
                {
                    pool.Failed(endpoint);
                }

                if (!MayRepeat(exception, isRepeatable))
                {
                    throw attempts.End();
                }
            }
        }
    }

    /// <summary>Waits until an endpoint may be tried again, for as long as the request has.</summary>
    private async ValueTask<Endpoint> PickAsync(Attempts attempts, CancellationToken cancellationToken)
    {
        TimeSpan remaining = attempts.Remaining;
        if (remaining <= TimeSpan.Zero)
        {
            throw attempts.End();
        }

        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(remaining);
        try
        {
            return await pool.PickAsync(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw attempts.End();
        }
    }
}
