using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Quorate.State;

/// <summary>Assertions that stay on in production: a broken one means the state may no longer be trusted.</summary>
internal static class Check
{
    public static void That([DoesNotReturnIf(false)] bool holds, [CallerArgumentExpression(nameof(holds))] string? expression = null)
    {
        if (!holds)
        {
            Fail(expression);
        }
    }

    [DoesNotReturn]
    private static void Fail(string? expression) => throw new InvalidOperationException($"The state machine broke its own rule: {expression}");
}
