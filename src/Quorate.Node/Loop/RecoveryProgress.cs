using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Quorate.Replica;

namespace Quorate.Node;

/// <summary>Tells at the beginning and then every second how far recovery has come, so that a long one is not taken for a hang, and what it found.</summary>
internal sealed partial class RecoveryProgress(ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _told;

    public void Report(long bytesRead, long bytesTotal)
    {
        if (_told == 0 || Stopwatch.GetElapsedTime(_told) >= Interval)
        {
            _told = Stopwatch.GetTimestamp();
            LogProgress(bytesRead >> 20, bytesTotal >> 20);
        }
    }

    public void Finish(RecoveredReplica recovered) => LogRecovered(recovered.Describe(), Stopwatch.GetElapsedTime(_began).TotalSeconds);

    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "Recovering: {ReadMiB} of {TotalMiB} MiB of the log")]
    private partial void LogProgress(long readMiB, long totalMiB);

    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "Recovered {What}, in {Seconds:0.0} s")]
    private partial void LogRecovered(string what, double seconds);
}
