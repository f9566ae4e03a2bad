namespace Quorate.Client;

/// <summary>A request failed.</summary>
/// <param name="error">Why.</param>
/// <param name="outcome">Whether it may have changed something.</param>
/// <param name="message">The server's words, or the client's.</param>
/// <param name="inner">What lies behind it, if anything.</param>
public class QuorateException(QuorateError error, RequestOutcome outcome, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public QuorateError Error { get; } = error;

    /// <summary>Whether it may have changed something; <see cref="RequestOutcome.NotApplied"/> for every read.</summary>
    public RequestOutcome Outcome { get; } = outcome;

    /// <summary>Whether it may have taken effect, or may yet: read before sending it again.</summary>
    public bool OutcomeUnknown => Outcome == RequestOutcome.Unknown;

    /// <summary>The endpoint that the message speaks of; <see langword="null"/> when it speaks of none.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The server's words, letter by letter, if it said any.</summary>
    public string? ServerMessage { get; init; }

    /// <summary>Whether the same request may well succeed a little later.</summary>
    public bool IsTransient => Error is QuorateError.Unreachable or QuorateError.NoLeader or QuorateError.Timeout
        or QuorateError.Unavailable or QuorateError.TooManyRequests;
}
