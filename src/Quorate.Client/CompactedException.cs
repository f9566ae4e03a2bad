namespace Quorate.Client;

/// <summary>The history that a read or a watch needs has been compacted away: read the present state and go on from there.</summary>
/// <param name="compactRevision">The oldest revision that can still be read; 0 when the server did not say.</param>
/// <param name="message">For people.</param>
public sealed class CompactedException(long compactRevision, string message)
    : QuorateException(QuorateError.Compacted, RequestOutcome.NotApplied, message)
{
    /// <summary>The oldest revision that can still be read; 0 when the server did not say.</summary>
    public long CompactRevision { get; } = compactRevision;
}
