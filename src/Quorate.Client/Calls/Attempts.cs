using System.Diagnostics;
using Quorate.Grpc;

namespace Quorate.Client.Calls;

/// <summary>What one request has been through: how long, where, and what it was told. The exception it ends with is made from that.</summary>
internal sealed class Attempts(EndpointPool pool, TimeSpan timeout, bool changesNothing)
{
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly List<Endpoint> _endpoints = [];
    private int _count;
    private RpcException? _last;
    private bool _isInDoubt;
    private (Endpoint Endpoint, RpcException Failure) _toTell;

    public TimeSpan Remaining => timeout - Stopwatch.GetElapsedTime(_startedAt);

    public void Add(Endpoint endpoint, RpcException failure)
    {
        _count++;
        if (!_endpoints.Contains(endpoint))
        {
            _endpoints.Add(endpoint);
        }

        // That time ran out, or that nobody was there, is no news beside what a server has said before.
        bool isNews = !failure.NeverSent && failure.StatusCode != StatusCode.DeadlineExceeded;
        if (_last is null || isNews || !_toTell.Failure.IsAnswer)
        {
            _toTell = (endpoint, failure);
        }

        _isInDoubt |= _last is not null && !Failures.IsSurelyNotApplied(_last);
        _last = failure;
    }

    /// <summary>
    /// The end of it. Once an attempt may have taken effect, which only those under a session may before the last, only what the state
    /// itself answers settles it.
    /// </summary>
    public QuorateException End()
    {
        if (_last is null)
        {
            return new QuorateException(
                QuorateError.Unreachable, RequestOutcome.NotApplied, $"the request's {timeout.TotalSeconds:0.#} s were over before it was sent: {Names(pool.All)} failed lately");
        }

        bool isUnknown = !changesNothing && !(_isInDoubt ? Failures.IsAnswerOfState(_last) : Failures.IsSurelyNotApplied(_last));
        bool wasOneTry = _count == 1 && _last.StatusCode != StatusCode.DeadlineExceeded;
        string tried = wasOneTry ? "" : $" (tried for {(timeout - Remaining).TotalSeconds:0.#} s at {Names(_endpoints)})";
        return Failures.Translate(_toTell.Failure, _toTell.Endpoint, isUnknown ? RequestOutcome.Unknown : RequestOutcome.NotApplied, tried);
    }

    private static string Names(IEnumerable<Endpoint> endpoints) => string.Join(", ", endpoints.Select(endpoint => endpoint.Name));
}
