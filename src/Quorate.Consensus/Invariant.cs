using System.Diagnostics.CodeAnalysis;

namespace Quorate.Consensus;

/// <summary>
/// Assertions that stay on in production: a node that finds its own reasoning broken stops, because going on could lose
/// decided data.
/// </summary>
public static class Invariant
{
    /// <summary>Stops the node unless <paramref name="holds"/>.</summary>
    /// <param name="holds">What must be true.</param>
    /// <param name="message">What was expected, for the operator's report.</param>
    /// <exception cref="InvariantException">It does not hold.</exception>
    public static void Check([DoesNotReturnIf(false)] bool holds, string message)
    {
        if (!holds)
        {
            Fail(message);
        }
    }

    // Throwing lives apart, so that the check itself is small enough to be inlined on the hot path.
    [DoesNotReturn]
    private static void Fail(string message) => throw new InvariantException(message);
}
