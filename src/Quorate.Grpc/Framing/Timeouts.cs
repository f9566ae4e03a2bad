using System.Globalization;

namespace Quorate.Grpc.Framing;

/// <summary>The <c>grpc-timeout</c> header: at most eight digits and a unit.</summary>
internal static class Timeouts
{
    /// <summary>A longer one is as good as none, and would overflow a timer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || !ulong.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong amount))
        {
            return false;
        }

        decimal ticksPerUnit = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            'n' => 0.01m,
            _ => 0,
        };
        if (ticksPerUnit == 0)
        {
            return false;
        }

        decimal ticks = amount * ticksPerUnit;
        timeout = ticks > Longest.Ticks ? Longest : TimeSpan.FromTicks((long)ticks);
        return true;
    }

    public static string Format(TimeSpan timeout)
    {
        long microseconds = Math.Max(0, timeout.Ticks / TimeSpan.TicksPerMicrosecond);
        return microseconds < 100_000_000
            ? $"{microseconds}u"
            : $"{Math.Min(microseconds / 1000, 99_999_999)}m";
    }
}
