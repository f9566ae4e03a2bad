namespace Quorate.Simulation;

/// <summary>An oracle saw something that must never happen.</summary>
internal sealed class ViolationException(string rule, string message) : Exception($"{rule}: {message}")
{
    /// <summary>The rule that was broken, as docs name it: R1, watch, liveness …</summary>
    public string Rule { get; } = rule;

    /// <summary>Reports a violation unless <paramref name="holds"/>.</summary>
    public static void Require(bool holds, string rule, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument(nameof(holds))] ref ViolationText message)
    {
        if (!holds)
        {
            throw new ViolationException(rule, message.ToStringAndClear());
        }
    }
}
