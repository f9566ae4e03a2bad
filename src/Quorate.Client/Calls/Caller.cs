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
    /// <summary>Sends one message and waits for the one that answers it.</summary>
    public Task<TResponse> CallAsync<TRequest, TResponse>(
        string method, TRequest request, MessageParser<TResponse> parser, CallKind kind, CancellationToken cancellationToken)
        where TRequest : IMessage
        where TResponse : class, IMessage<TResponse> =>
        RunAsync(
            (channel, deadline, token) => channel.UnaryAsync(method, request, parser, deadline: deadline, cancellationToken: token),
            kind,
            cancellationToken);

    /// <summary>Runs <paramref name="attempt"/>, which is given a channel and how long it may take, until one succeeds.</summary>
    public async Task<T> RunAsync<T>(Func<GrpcChannel, TimeSpan, CancellationToken, ValueTask<T>> attempt, CallKind kind, CancellationToken cancellationToken)
    {
        var attempts = new Attempts(pool, options.RequestTimeout, changesNothing: kind == CallKind.Repeatable);
        while (true)
        {
            Endpoint endpoint = pool.TryPick() ?? await PickAsync(attempts, cancellationToken).ConfigureAwait(false);
            TimeSpan deadline = attempts.Remaining;
            if (deadline <= TimeSpan.Zero)
            {
                throw attempts.End();
            }

            if (kind == CallKind.Repeatable && deadline > options.ReadAttemptTimeout)
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

                if (!MayRepeat(exception, kind))
                {
                    throw attempts.End();
                }
            }
        }
    }

    /// <summary>The one place that decides whether a request goes out again.</summary>
    private static bool MayRepeat(RpcException exception, CallKind kind) => Failures.IsTransient(exception) && kind switch
    {
        CallKind.Repeatable => true,
        _ => Failures.IsSurelyNotApplied(exception),
    };

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
