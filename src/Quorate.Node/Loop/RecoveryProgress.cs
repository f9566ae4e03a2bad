using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Quorate.Node;

/// <summary>Tells from time to time how far recovery has come, so that a long one is not taken for a hang.</summary>
internal sealed partial class RecoveryProgress(ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private long _told = Stopwatch.GetTimestamp();

    public void Report(long bytesRead, long bytesTotal)
    {
        if (Stopwatch.GetElapsedTime(_told) >= Interval)
        {
            _told = Stopwatch.GetTimestamp();
            LogProgress(bytesRead >> 20, bytesTotal >> 20);
        }
    }

    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "Recovering: {ReadMiB} of {TotalMiB} MiB of the log")]
    private partial void LogProgress(long readMiB, long totalMiB);
}
